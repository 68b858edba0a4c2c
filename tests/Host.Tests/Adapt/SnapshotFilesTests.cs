using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Manager;
using VioActors.Actors.Adaptation.Model;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;
using VioActors.Daemon.Server.Adaptation;

namespace VioActors.Daemon.Tests.Adapt;

public sealed class SnapshotFilesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vio-snap-").FullName;

    [Fact]
    public void What_was_written_is_read_and_what_was_changed_is_not()
    {
        var files = new SnapshotFiles(_directory);
        var digest = files.Write(Snapshot(7));
        Assert.Equal(digest, files.Write(Snapshot(7)));
        Assert.Equal(7, files.Read(digest)?.Inventory.Version);
        Assert.Null(files.Read(new string('0', 64)));
        Assert.Null(files.Read("../../etc/passwd"));

        var other = files.Write(Snapshot(8));
        File.Copy(PathOf(other), PathOf(digest), overwrite: true);
        Assert.Throws<InvalidDataException>(() => files.Read(digest));
        File.WriteAllText(PathOf(digest), "no gzip");
        Assert.Throws<InvalidDataException>(() => files.Read(digest));
    }

    [Fact]
    public void The_oldest_go_when_there_are_too_many()
    {
        var files = new SnapshotFiles(_directory);
        for (var version = 0; version < AdaptLimits.SnapshotFiles + 5; version++) files.Write(Snapshot(version));
        Assert.Equal(AdaptLimits.SnapshotFiles, Directory.GetFiles(_directory).Length);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string PathOf(string digest) => Path.Combine(_directory, digest + ".json.gz");

    private static Snapshot Snapshot(long version) => new()
    {
        Policy = PolicyChoice.Default,
        Inventory = new Inventory(version, new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero), [], []),
        Hosts = ImmutableSortedDictionary<HostId, string>.Empty,
        Nodes = ImmutableSortedDictionary<NodeId, NodeFacts>.Empty,
    };
}
