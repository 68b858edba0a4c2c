using VioActors.Contracts;
using VioActors.Daemon.Agent.Monitoring;
using VioActors.Libvirt;

namespace VioActors.Daemon.Tests.Agent;

/// <summary>What the kernel, its control groups and libvirt say, as counters.</summary>
public sealed class MonitoringTests : IDisposable
{
    private const string Stat = """
        cpu  300 0 30 1000 0 3 6 30 0 0
        cpu0 100 5 10 500 7 1 2 10 40 0
        cpu1 200 0 20 500 0 2 4 20 0 0
        intr 1 2 3
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("vio-cpu").FullName;
    private readonly NodeId _node = NodeId.Of(Guid.NewGuid());

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Cpu_time_is_of_the_processors_this_agent_may_use()
    {
        Assert.Equal(
            (2, TimeSpan.FromMilliseconds(3440), TimeSpan.FromMilliseconds(300)), ProcFiles.Cpu(Stat, null));
        Assert.Equal(
            (1, TimeSpan.FromMilliseconds(2260), TimeSpan.FromMilliseconds(200)),
            ProcFiles.Cpu(Stat, ProcFiles.AllowedCpus("Name:\tx\nCpus_allowed_list:\t1,3-5\n")));
        Assert.Null(ProcFiles.AllowedCpus("Name:\tx\n"));
        Assert.Throws<FormatException>(() => ProcFiles.Cpu("cpu 1 2\n", null));
        Assert.Throws<FormatException>(() => ProcFiles.Cpu("", null));
        Assert.Equal((1, TimeSpan.FromMilliseconds(30), TimeSpan.Zero), ProcFiles.Cpu("cpu0 1 2\n", null));
    }

    [Fact]
    public void Memory_queue_and_network_are_read()
    {
        Assert.Equal(
            (1000L, 600L, 24L),
            ProcFiles.Memory(
                "MemTotal: 1024000 kB\nMemAvailable: 614400 kB\nSwapTotal: 49152 kB\nSwapFree: 24576 kB\n"));
        Assert.Equal((0L, 0L, 0L), ProcFiles.Memory("nonsense\n"));
        Assert.Equal(2, ProcFiles.RunQueue("0.10 0.20 0.30 3/345 6789\n"));
        Assert.Equal(0, ProcFiles.RunQueue(""));
        Assert.Equal((17L, 26L), ProcFiles.Network(
            """
            Inter-|   Receive  |  Transmit
             face |bytes packets errs drop fifo frame compressed multicast|bytes packets
                lo: 999 1 0 0 0 0 0 0 999 1 0 0 0 0 0 0
              eth0: 10 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0
            eth1:7 1 0 0 0 0 0 0 6 1 0 0 0 0 0 0
             viox: 500 1 0 0 0 0 0 0 500 1 0 0 0 0 0 0
            """));
    }

    [Fact]
    public void Control_groups_of_version_1_are_added_up()
    {
        var group = $"cpu/machine/qemu-3-{_node.DomainName}.libvirt-qemu";
        Write(group, ("cpu.shares", "2048"));
        foreach (var vcpu in (string[])["vcpu0", "vcpu1"])
            Write(
                $"{group}/{vcpu}", ("cpu.cfs_quota_us", "25000"), ("cpu.cfs_period_us", "100000"),
                ("cpu.stat", "nr_periods 3\nnr_throttled 2\nthrottled_time 1500000000"));
        var groups = new CpuGroups(_root);
        Assert.Equal(new CpuGroup(50, 200, TimeSpan.FromSeconds(3)), groups.Of(_node));

        Write($"{group}/vcpu1", ("cpu.cfs_quota_us", "-1"));
        Assert.Null(groups.Of(_node).QuotaPercent);
        Write($"{group}/vcpu1", ("cpu.cfs_quota_us", "17592186044415"));
        Assert.Null(groups.Of(_node).QuotaPercent);
        Assert.Equal(CpuGroup.Unknown, groups.Of(NodeId.Of(Guid.NewGuid())));
        Assert.Equal(CpuGroup.Unknown, new CpuGroups("/nonexistent").Of(_node));
    }

    [Theory, InlineData("machine/qemu-3-NAME.libvirt-qemu"),
     InlineData(@"machine.slice/machine-qemu\x2d3\x2dESCAPED.scope/libvirt")]
    public void Control_groups_of_version_2_are_found_under_either_name(string path)
    {
        var group = path.Replace("NAME", _node.DomainName, StringComparison.Ordinal).Replace(
            "ESCAPED", _node.DomainName.Replace("-", @"\x2d", StringComparison.Ordinal), StringComparison.Ordinal);
        Write(group, ("cpu.weight", "50"));
        Write($"{group}/vcpu0", ("cpu.max", "80000 100000"), ("cpu.stat", "usage_usec 7\nthrottled_usec 2500"));
        Assert.Equal(new CpuGroup(80, 50, TimeSpan.FromMicroseconds(2500)), new CpuGroups(_root).Of(_node));
        Write($"{group}/vcpu0", ("cpu.max", "max 100000"));
        Assert.Null(new CpuGroups(_root).Of(_node).QuotaPercent);
    }

    [Fact]
    public void A_guest_uses_what_it_cannot_give_and_says_so_while_it_lives()
    {
        var now = TimeProvider.System.GetUtcNow();
        var seen = Domain(usable: 128, updated: now.AddSeconds(-2));
        var counters = LibvirtMeter.Counters(seen, CpuGroup.Unknown, new GuestMemory(), now);
        Assert.Equal((192, 64.0, 3L << 20), (counters.MemoryMiB, counters.MemoryUsedMiB, counters.SwappedBytes));
        Assert.Equal((2, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1)),
            (counters.Vcpus, counters.Used, counters.Waited));
        Assert.Equal((20L, 10L), (counters.ReceivedBytes, counters.SentBytes));

        // A guest that hangs, and one that never said anything.
        Assert.Null(LibvirtMeter.Counters(
            Domain(usable: 128, updated: now.AddMinutes(-1)), CpuGroup.Unknown, new GuestMemory(), now).MemoryUsedMiB);
        Assert.Null(LibvirtMeter.Counters(Domain(null, null), CpuGroup.Unknown, new GuestMemory(), now).MemoryUsedMiB);
    }

    [Fact]
    public void What_a_guest_was_just_given_is_not_in_use_until_it_says_so()
    {
        var (memory, at) = (new GuestMemory(), TimeProvider.System.GetUtcNow());
        double? Used(long size, long own, long usable, int second) => memory.UsedMiB(
            Domain(usable, at.AddSeconds(second), size, own), at.AddSeconds(second));
        // Of 192 MiB its kernel keeps 12; 52 more are in use.
        Assert.Equal(64, Used(192, 180, 128, 0));
        Assert.Equal(64, Used(192, 180, 128, 1));
        // The balloon is larger already, then the report follows; and the other way round. Control: 128 without care.
        Assert.Equal(64, Used(256, 180, 128, 1));
        Assert.Equal(64, Used(256, 244, 192, 2));
        Assert.Equal(64, Used(160, 244, 192, 2));
        Assert.Equal(64, Used(160, 148, 96, 3));
        Assert.Equal(128, new GuestMemory().UsedMiB(Domain(128, at, 256, null), at));
        // It is in use at last; another guest of that name starts anew.
        Assert.Equal(104, Used(160, 148, 56, 4));
        memory.Keep(new HashSet<Guid>());
        Assert.Equal(94, Used(160, 130, 66, 5));
    }

    private DomainStatistics Domain(long? usable, DateTimeOffset? updated, long size = 192, long? own = null) => new(
        Guid.Parse(_node.Value), _node.DomainName, DomainState.Running, null, size << 20, 256L << 20, null,
        own << 20, usable << 20, 1L << 20, 2L << 20, updated, null,
        [
            new VcpuStatistics(0, TimeSpan.FromSeconds(1), null, TimeSpan.FromSeconds(1)),
            new VcpuStatistics(1, TimeSpan.FromSeconds(2), null, null),
        ],
        [new InterfaceStatistics("viox", 10, 20)], []);

    private void Write(string group, params (string Name, string Text)[] files)
    {
        var directory = Directory.CreateDirectory(Path.Combine(_root, group)).FullName;
        foreach (var (name, text) in files) File.WriteAllText(Path.Combine(directory, name), text + "\n");
    }
}
