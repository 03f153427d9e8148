"""The repository that all these tests look at, and its two revisions compared."""

import pytest

from pull_request import Repository, change, commit, compare, fill, git


@pytest.fixture(scope="package")
def repository(tmp_path_factory):
    folder = tmp_path_factory.mktemp("repository")
    found = Repository(folder)
    git(folder, "init", "-q")
    fill(found.params)
    commit(folder, found.base)
    change(found.params)
    commit(folder, found.head)
    return found


@pytest.fixture(scope="package")
def found(repository):
    """The two revisions compared."""
    return compare(repository.folder, repository.base, repository.head)
