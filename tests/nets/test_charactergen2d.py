def test_folders_that_are_not_whole_are_refused(tmp_path):
    from genkei.nets.charactergen2d_files import load

    with pytest.raises(
        ValueError, match=r"not whole: missing the net that draws .*, unet .*nothing is downl"
    ):
        load(tmp_path, tmp_path)


def test_checkpoint_names_are_sorted_to_their_places():
    from genkei.nets.charactergen2d_files import camera_layout, camera_name, own_name

    names = [*unet(1).state_dict(), "class_embedding.linear_1.weight", "camera_embedding.2.bias"]
    assert {name for name in names if own_name(name) is None} == set(names[-2:])
    assert [camera_name(name) for name in names if camera_name(name)] == ["2.bias"]
    assert camera_layout(1280)["0.weight"] == (1280, 12)
