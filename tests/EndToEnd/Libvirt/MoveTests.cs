using System.Globalization;
using VioActors.Libvirt;

namespace VioActors.EndToEnd.Libvirt;

/// <summary>The move that the product does: peer to peer, three streams over private unix sockets, QEMU not as
/// root.</summary>
[Collection(TwoHostsCollection.Name)]
public sealed class MoveTests(TwoHosts hosts, ITestOutputHelper output)
{
    [Fact]
    public async Task A_guest_moves_with_its_overlay_and_keeps_counting()
    {
        hosts.Require();
        await using var a = await LibvirtConnection.OpenAsync(hosts.A.Uri);
        await using var b = await LibvirtConnection.OpenAsync(hosts.B.Uri);
        var id = Guid.NewGuid();
        var disk = await hosts.MakeDiskAsync(id);
        await TwoHosts.BootAsync(hosts.A, a, TestGuest.DomainXml(id, disk.Overlay, disk.Base), id);
        await using var sockets = await MoveSockets.OpenAsync(hosts.A, hosts.B);

        await a.Migrations.StartMigrationAsync(id, sockets.Request(disk: true));

        Assert.Null(await a.Domains.LookupAsync(id));
        Assert.Equal(DomainState.Running, (await b.Domains.LookupAsync(id))!.State);
        var job = await b.Migrations.GetCompletedAsync(id);
        output.WriteLine($"downtime {job.Downtime.TotalMilliseconds} ms, total {job.Elapsed.TotalMilliseconds} ms, "
            + $"bytes over control, memory, disk: {string.Join(", ", sockets.Bytes)}");
        Assert.Equal(JobKind.Completed, job.Kind);
        Assert.InRange(job.Downtime.TotalMilliseconds, 1, 2000);
        Assert.All(sockets.Bytes, bytes => Assert.True(bytes > 0));

        var before = Ticks(hosts.A.Console(id))[^1];
        await Until.TrueAsync("the guest counts on at the target",
            () => Ticks(hosts.B.Console(id)).Count >= 2);
        // Numbers go on without a gap and the disk holds what was written before the move.
        Assert.InRange(Ticks(hosts.B.Console(id))[^1], before + 1, before + 60);
        Assert.Contains("base=BASE-IMAGE-00001 first=count-1", hosts.B.Console(id));
        Assert.True((await NextAsync(a, LifecycleChange.Stopped, id)).BecauseOfMigration);
        Assert.True((await NextAsync(b, LifecycleChange.Resumed, id)).BecauseOfMigration);
        await b.Domains.DestroyAsync(id);
    }

    [Fact]
    public async Task A_cancelled_move_leaves_the_guest_where_it_was()
    {
        hosts.Require();
        await using var a = await LibvirtConnection.OpenAsync(hosts.A.Uri);
        await using var b = await LibvirtConnection.OpenAsync(hosts.B.Uri);
        var id = Guid.NewGuid();
        await TwoHosts.BootAsync(hosts.A, a, TestGuest.DomainXml(id), id);
        await using var sockets = await MoveSockets.OpenAsync(hosts.A, hosts.B);
        using var cancel = new CancellationTokenSource();

        var moving = a.Migrations.StartMigrationAsync(id, sockets.Request(disk: false, bandwidth: 1), cancel.Token);
        await Until.TrueAsync("memory is being copied", async () => await a.Migrations.GetProgressAsync(id)
            is { DataProcessed: > 0, Kind: JobKind.Unbounded, Fraction: < 1 });
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => moving);
        Assert.Equal(DomainState.Running, (await a.Domains.LookupAsync(id))!.State);
        Assert.Null(await b.Domains.LookupAsync(id));
        Assert.Null(a.Broken);
        await a.Domains.DestroyAsync(id);
    }

    /// <summary>libvirt has no job to abort yet when the wish comes, and must not forget it.</summary>
    [Fact]
    public async Task A_move_that_is_cancelled_before_its_job_begins_ends_too()
    {
        hosts.Require();
        await using var a = await LibvirtConnection.OpenAsync(hosts.A.Uri);
        await using var b = await LibvirtConnection.OpenAsync(hosts.B.Uri);
        var id = Guid.NewGuid();
        await TwoHosts.BootAsync(hosts.A, a, TestGuest.DomainXml(id), id);
        await using var sockets = await MoveSockets.OpenAsync(hosts.A, hosts.B);
        using var cancel = new CancellationTokenSource();

        var moving = a.Migrations.StartMigrationAsync(
            id, sockets.Request(disk: false, bandwidth: 1, downtime: null), cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => moving);
        Assert.Equal(DomainState.Running, (await a.Domains.LookupAsync(id))!.State);
        Assert.Null(await b.Domains.LookupAsync(id));
        await a.Domains.DestroyAsync(id);
    }

    [Fact]
    public async Task A_move_to_nowhere_fails_with_a_reason_and_the_guest_stays()
    {
        hosts.Require();
        await using var a = await LibvirtConnection.OpenAsync(hosts.A.Uri);
        var id = Guid.NewGuid();
        await TwoHosts.BootAsync(hosts.A, a, TestGuest.DomainXml(id), id);
        var request = new MigrationRequest { DestinationUri = "qemu+unix:///system?socket=/run/vio-move/none.sock" };
        var failure = await Assert.ThrowsAsync<LibvirtException>(() => a.Migrations.StartMigrationAsync(id, request));
        Assert.Equal((LibvirtFailure.Native, "migrate", id), (failure.Failure, failure.Operation, failure.DomainId));
        Assert.Contains("none.sock", failure.Reason);
        Assert.Equal(DomainState.Running, (await a.Domains.LookupAsync(id))!.State);
        await a.Domains.DestroyAsync(id);
    }

    private static List<int> Ticks(string console) =>
        [.. console.Split('\n').Where(line => line.StartsWith("TICK ") && line.Contains(" first="))
            .Select(line => int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture))];

    private static async Task<LifecycleEvent> NextAsync(LibvirtConnection libvirt, LifecycleChange change, Guid domain)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await foreach (var happened in libvirt.Events.ReadAllAsync(limit.Token))
        {
            if (happened is LifecycleEvent life && life.Change == change && life.Domain == domain)
                return life;
        }
        throw new InvalidOperationException($"The connection closed before {change} of {domain}.");
    }
}
