using VioActors.Daemon.Lab;

namespace VioActors.Host.Tests.Lab;

public sealed class CgroupsTests
{
    [Fact]
    public void Version_one_hierarchies_are_found_without_named_ones()
    {
        var groups = Cgroups.Parse(
        [
            "30 29 0:26 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup rw,cpu,cpuacct",
            "31 29 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
            "32 29 0:28 / /sys/fs/cgroup/cpuset rw shared:9 - cgroup cgroup rw,cpuset",
            "33 29 0:29 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd",
            "34 29 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
            "41 40 0:27 / /srv/chroot/sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
        ]);
        Assert.False(groups.IsV2);
        Assert.Equal("cpu,cpuacct memory cpuset", groups.MountList);
        Assert.Equal("/sys/fs/cgroup/memory/x/cgroup.procs", groups.JoinFiles("x").ElementAt(1));
    }

    [Fact]
    public void In_the_unified_hierarchy_daemons_join_a_leaf()
    {
        var groups = Cgroups.Parse(["30 29 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate"]);
        Assert.True(groups.IsV2);
        Assert.Equal(["/sys/fs/cgroup/x/daemons/cgroup.procs"], groups.JoinFiles("x"));
        Assert.Equal(["/sys/fs/cgroup/x/cgroup.procs"], groups.JoinFiles("x", first: true));
    }

    [Fact]
    public void A_hierarchy_that_a_chroot_mounts_again_counts_once()
    {
        var groups = Cgroups.Parse(
        [
            "30 29 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu",
            "31 29 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
            "32 29 0:28 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset",
            "40 39 0:26 / /srv/root/sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu",
        ]);
        Assert.Equal("cpu memory cpuset", groups.MountList);
        Assert.Equal("/sys/fs/cgroup/cpu/x/cgroup.procs", groups.JoinFiles("x").First());
    }

    [Fact]
    public void Missing_controllers_are_named()
    {
        var failure = Assert.Throws<LabException>(() => Cgroups.Parse(["1 2 0:1 / /x rw - cgroup cgroup rw,cpu"]));
        Assert.Contains("memory", failure.Message, StringComparison.Ordinal);
    }
}
