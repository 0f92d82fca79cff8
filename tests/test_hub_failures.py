"""What cannot be downloaded is explained in one message that says what to do."""

from __future__ import annotations

import socket

from tests.hub_runs import REPO, SECRET, SHARDS, HubRuns, write_model


def message(hub: HubRuns, revision: str, repo: str = REPO, **more: str) -> str:
    """Runs a download that must fail; returns its last line of errors, which is the message."""
    done = hub.download(revision, repo=repo, **more)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert not hub.output.exists()
    return done.stderr.splitlines()[-1]


def test_gated_models_name_licence_and_login(hub: HubRuns) -> None:
    write_model(hub.folder / "model")
    commit = hub.server.add_repo(REPO, "model")
    hub.server.gate(REPO, token="hf_another")
    found = message(hub, commit)
    assert f"of {REPO}@{commit} was not downloaded: it is gated" in found
    assert f"Accept its licence at {hub.server.url}/{REPO}, then log in with `hf auth" in found
    assert "no token was found" in found
    assert "a token was found and sent" in message(hub, commit, HF_TOKEN=SECRET)
    assert hub.download(commit, HF_TOKEN="hf_another").returncode == 0


def test_missing_models_revisions_and_files_and_a_bad_token(hub: HubRuns) -> None:
    write_model(hub.folder / "model")
    commit = hub.server.add_repo(REPO, "model")
    found = message(hub, "main", repo="owner/modle", HF_TOKEN=SECRET)
    assert found.startswith("frism: owner/modle@main was not downloaded: the hub shows no model")
    found = message(hub, "v2")
    assert "the model has no revision 'v2'" in found
    assert f"{REPO}/commits" in found
    assert "has no revision" in message(hub, "0" * 40)
    hub.server.faults.statuses[f"{REPO}/config.json"] = [404]
    assert f"config.json of {REPO}@{commit} was not downloaded" in message(hub, commit)
    hub.server.faults.statuses[f"{REPO}/config.json"] = [401]
    found = message(hub, commit, HF_TOKEN=SECRET)
    assert "the hub refused it (HTTP 401). Renew the token: log in with `hf auth" in found
    (hub.folder / "model" / SHARDS[1]).unlink()
    hub.server.add_repo(REPO, "model")
    assert f"names {SHARDS[1]}, which the repository does not have" in message(hub, "main")


def test_a_hub_that_is_not_there(hub: HubRuns) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        nowhere = f"http://127.0.0.1:{unused.getsockname()[1]}"
    for revision in ("main", "0" * 40):
        found = message(hub, revision, HF_ENDPOINT=nowhere, HF_TOKEN=SECRET)
        assert f"{REPO}@{revision} was not downloaded: {nowhere} cannot be reached" in found
        assert "(ConnectError); check the network" in found
        found = message(hub, revision, HF_HUB_OFFLINE="1")
        assert "HF_HUB_OFFLINE is set" in found
        assert hub.server.asked == []


def test_a_disk_that_is_too_small_is_found_before(hub: HubRuns) -> None:
    write_model(hub.folder / "model")
    hub.server.add_repo(REPO, "model")
    hub.server.faults.sizes[f"{REPO}/{SHARDS[0]}"] = 10**16
    found = message(hub, "main")
    assert f"{REPO}@main needs 10.0 PB more on the disk of" in found
    assert "Nothing was downloaded" in found
    assert hub.server.asked_for(".safetensors") == []


def test_a_body_of_another_size_is_damaged(hub: HubRuns) -> None:
    write_model(hub.folder / "model")
    commit = hub.server.add_repo(REPO, "model")
    size = (hub.folder / "model" / "tokenizer.json").stat().st_size
    hub.server.faults.sizes[f"{REPO}/tokenizer.json"] = size + 3
    found = message(hub, commit)
    assert f"tokenizer.json of {REPO}@{commit} is damaged: found {size} bytes, expected" in found
