using VioActors.Libvirt;

namespace VioActors.EndToEnd.Libvirt;

/// <summary>Real QEMU on one host: resources, capabilities, and a libvirtd that dies or hangs.</summary>
[Collection(TwoHostsCollection.Name)]
public sealed class HostTests(TwoHosts hosts)
{
    [Fact]
    public async Task Balloon_weight_and_quota_reach_the_guest_and_the_host()
    {
        hosts.Require();
        await using var a = await LibvirtConnection.OpenAsync(hosts.A.Uri);
        var id = Guid.NewGuid();
        await TwoHosts.BootAsync(hosts.A, a, TestGuest.DomainXml(id), id);

        await a.Resources.SetMemoryAsync(id, 128L << 20);
        await Until.TrueAsync("the guest gave memory back",
            async () => (await a.Resources.GetMemoryAsync(id)).Actual == 128L << 20);
        await Until.TrueAsync("the guest reports its memory", async () =>
            await a.Resources.GetMemoryAsync(id) is
            {
                Available: > 0 and < 128L << 20, Unused: > 0, Resident: > 0,
                UpdatedAt: not null
            });

        var wanted = new SchedulerSettings(CpuShares: 512,
            VcpuQuotaMicroseconds: 25_000, VcpuPeriodMicroseconds: 50_000);
        Assert.Equal(wanted, await a.Resources.SetSchedulerAsync(id, wanted));
        var lifted = await a.Resources.SetSchedulerAsync(id, new SchedulerSettings(VcpuQuotaMicroseconds: -1));
        Assert.True(lifted.VcpuQuotaMicroseconds < 0 || lifted.VcpuQuotaMicroseconds > 1_000_000_000);
        Assert.Equal(512, lifted.CpuShares);

        await Until.TrueAsync("the bulk figures agree", async () =>
            (await a.Resources.GetAllStatisticsAsync()).Single(d => d.Id == id).BalloonCurrent == 128L << 20);
        var figures = Assert.Single(await a.Resources.GetAllStatisticsAsync(), d => d.Id == id);
        Assert.Equal((DomainState.Running, 128L << 20, 256L << 20),
            (figures.State, figures.BalloonCurrent, figures.BalloonMaximum));
        Assert.True(figures.CpuTime > TimeSpan.Zero && Assert.Single(figures.Vcpus).Time > TimeSpan.Zero);
        Assert.NotNull(figures.Vcpus[0].Delay);
        Assert.Equal($"vio{id.ToString("N")[..11]}", Assert.Single(figures.Interfaces).Name);
        await a.Domains.DestroyAsync(id);
    }

    [Fact]
    public async Task A_host_says_what_it_can_run_and_refuses_the_rest()
    {
        hosts.Require();
        await using var a = await LibvirtConnection.OpenAsync(hosts.A.Uri);
        var info = await a.Host.GetInfoAsync();
        Assert.Equal(("QEMU", "x86_64"), (info.Hypervisor, info.Architecture));
        Assert.True(info.HypervisorVersion.Major >= 7);
        var can = await a.Host.GetGuestCapabilitiesAsync("qemu", "x86_64", "pc-q35-7.2");
        Assert.Null(can.WhyNot("pc-q35-7.2", "qemu64"));
        Assert.Contains("machine type 'pc-q35-99.0'", can.WhyNot("pc-q35-99.0", "qemu64"));
        Assert.Contains("CPU model 'no-such-cpu'", can.WhyNot("pc-q35-7.2", "no-such-cpu"));

        var xml = TestGuest.DomainXml(Guid.NewGuid()).Replace("pc-q35-7.2", "pc-q35-99.0");
        var failure = await Assert.ThrowsAsync<LibvirtException>(() => a.Domains.CreateTransientAsync(xml));
        Assert.Contains("pc-q35-99.0", failure.Reason);
    }

    [Fact]
    public async Task A_killed_libvirtd_is_noticed_and_the_next_one_takes_the_guest_back()
    {
        hosts.Require();
        var a = await LibvirtConnection.OpenAsync(hosts.A.Uri);
        await using var closing = a;
        var id = Guid.NewGuid();
        await TwoHosts.BootAsync(hosts.A, a, TestGuest.DomainXml(id), id);
        await hosts.A.SignalLibvirtdAsync("KILL");
        Assert.Equal(CloseReason.EndOfFile, await a.Closed.WaitAsync(TimeSpan.FromSeconds(20)));
        var failure = await Assert.ThrowsAsync<LibvirtException>(() => a.Domains.LookupAsync(id));
        Assert.Equal(LibvirtFailure.ConnectionLost, failure.Failure);

        await NextAsync(async next => (await next.Domains.LookupAsync(id))?.State == DomainState.Running);
        // Asking QEMU itself waits until the guest is taken back. A guest whose end is asked for before is ended too,
        // but then it is the failed take-over that ends it: QEMU's log says "reason=daemon", and the call may fail.
        await NextAsync(async next => (await next.Resources.GetMemoryAsync(id)).Actual == 256L << 20);
        var before = hosts.A.Console(id).Length;
        await Until.TrueAsync("the guest goes on", () => hosts.A.Console(id).Length > before);
        await NextAsync(async next =>
        {
            await next.Domains.DestroyAsync(id);
            return await next.Domains.LookupAsync(id) is null;
        });
    }

    private async Task NextAsync(Func<LibvirtConnection, Task<bool>> holds)
    {
        var seen = "nothing";
        await Until.TrueAsync(() => $"the next libvirtd answers, last seen: {seen}", async () =>
        {
            try
            {
                await using var next = await LibvirtConnection.OpenAsync(hosts.A.Uri);
                return await holds(next);
            }
            catch (LibvirtException lost) when (lost.Failure is LibvirtFailure.Native or LibvirtFailure.ConnectionLost)
            {
                seen = lost.Message;
                return false;
            }
        });
    }

    [Fact]
    public async Task A_hung_libvirtd_ends_calls_by_their_limit_and_the_connection_by_keep_alive()
    {
        hosts.Require();
        var options = new LibvirtOptions
        {
            CallTimeout = TimeSpan.FromMilliseconds(500),
            KeepAliveInterval = TimeSpan.FromSeconds(1),
            KeepAliveCount = 2,
        };
        await using var b = await LibvirtConnection.OpenAsync(hosts.B.Uri, options);
        await hosts.B.SignalLibvirtdAsync("STOP");
        try
        {
            var failure = await Assert.ThrowsAsync<LibvirtException>(() => b.Domains.ListAsync());
            Assert.Equal((LibvirtFailure.Timeout, "list domains"), (failure.Failure, failure.Operation));
            Assert.NotNull(b.Broken);
            Assert.Equal(CloseReason.KeepAlive, await b.Closed.WaitAsync(TimeSpan.FromSeconds(20)));
        }
        finally
        {
            await hosts.B.SignalLibvirtdAsync("CONT");
        }
    }
}
