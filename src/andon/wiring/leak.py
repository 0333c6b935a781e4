"""The adapters by which a leak is answered. Made when they are first asked for."""

from __future__ import annotations

from functools import cached_property

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports_histories import Histories
    from andon.desk.ports_leak import LeakRoom, Objects, RemoteHosts
    from andon.wiring.given import Given
else:
    Given = object


class LeakAdapters(Given):
    """The ports of the response to a leak, joined to their adapters."""

    @cached_property
    def objects(self) -> Objects:
        """All that the repository stores."""
        from andon.production.git_storage import GitStorage

        return GitStorage(self.config.root)

    @cached_property
    def remote_hosts(self) -> RemoteHosts:
        """What remotes and their hosts say of themselves."""
        from andon.production.remote_hosts import GitRemoteHosts

        return GitRemoteHosts(self.config.root)

    @cached_property
    def histories(self) -> Histories:
        """What works on copies of the repository's whole history."""
        from andon.production.history_work import GitHistories

        return GitHistories(self.config.root)

    @cached_property
    def leak_room(self) -> LeakRoom:
        """Where the values of leaked secrets are kept."""
        from andon.production.leak_room import LeakRoomOnDisk
        from andon.wiring.places import leaks_directory

        return LeakRoomOnDisk(leaks_directory(self.place, self.config.service, self.config.root))
