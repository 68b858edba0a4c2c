using VioActors.Contracts;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Tests.Cli;

public sealed class SpecFileTests
{
    private const string Good =
        """
        # a comment
        name: astro
        subnet: 10.10.0.0/24
        readyTimeout: 2m
        network: { gateway: n1, bootServer: n2, bootFile: pxe.0, bootUrl: "http://x/y", duplicates: quarantine }
        nodes:
          - name: n1
            image: tiny
            memory: 1GiB
            cpuQuota: 50%
            kernelArguments: "vio.work=1 vio.tcp=10.10.0.12"
          - { name: n2, image: tiny, memory: 128MiB, vcpus: 2, cpuWeight: 200, ip: 10.10.0.12, host: h2 }
        """;

    [Fact]
    public void Reads_every_option()
    {
        var spec = SpecFile.Parse("demo.yaml", Good);

        Assert.Equal(("astro", "10.10.0.0/24", 120), (spec.Name, spec.Subnet, spec.ReadyTimeoutSeconds));
        Assert.Equal(
            new NetworkOptions
            {
                Gateway = "n1",
                BootServer = "n2",
                BootFile = "pxe.0",
                BootUrl = "http://x/y",
                Duplicates = "quarantine",
            },
            spec.Network);
        Assert.Null(SpecFile.Parse("f.yaml", "name: a\nsubnet: s\nnodes:\n  - {name: n, image: i}").Network);
        Assert.Equal((1024, 50, 1), (spec.Nodes[0].MemoryMiB, spec.Nodes[0].CpuQuotaPercent, spec.Nodes[0].Vcpus));
        Assert.Equal("vio.work=1 vio.tcp=10.10.0.12", spec.Nodes[0].KernelArguments);
        Assert.Equal((128, 2, 200, "10.10.0.12", "h2"),
            (spec.Nodes[1].MemoryMiB, spec.Nodes[1].Vcpus, spec.Nodes[1].CpuWeight, spec.Nodes[1].Ip,
                spec.Nodes[1].Host));
        Assert.Null(spec.Nodes[1].CpuQuotaPercent);
    }

    [Fact]
    public void Reads_limits_between_nodes()
    {
        var spec = SpecFile.Parse("f.yaml", Good + "\nlimits:\n  - {between: [n1, n2], rate: 100Mbit}\n"
            + "  - {node: n2, rate: 64kbit}\n");
        Assert.Equal(("n2", 64), (spec.Limits[1].Node, spec.Limits[1].RateKbit));
        var limit = spec.Limits[0];
        Assert.Equal(["n1", "n2"], limit.Between);
        Assert.Equal(100_000, limit.RateKbit);
        Assert.Empty(SpecFile.Parse("f.yaml", Good).Limits);
    }

    [Theory]
    [InlineData("name: a\nsubnet: s\nnodes: []\nlimits:\n  - between: n1\n    rate: 1Mbit",
        "f.yaml:5:14", "must be a list")]
    [InlineData("name: a\nsubnet: s\nnodes: []\nlimits:\n  - between: [n1]\n    rate: 1Mbit",
        "f.yaml:5:14", "two nodes")]
    [InlineData("name: a\nsubnet: s\nnodes: []\nlimits:\n  - between: [n1, n2]", "f.yaml:5:5", "no 'rate'")]
    [InlineData("name: a\nsubnet: s\nnodes: []\nlimits:\n  - between: [n1, n2]\n    rate: 5",
        "f.yaml:6:11", "kbit, Mbit or Gbit")]
    [InlineData("name: a\nnodes:\n  - name: n1\n   image: x\n", "f.yaml:4:", "not YAML")]
    [InlineData("name: a\nsubnet: [1\n", "f.yaml:3:", "not YAML")]
    [InlineData("", "f.yaml:1:1", "empty")]
    [InlineData("just a text", "f.yaml:1:1", "an environment must be")]
    [InlineData("name: a\nsubnet: s\nnetwork: {gatway: n}\nnodes: []", "f.yaml:3:11", "no option 'gatway'")]
    [InlineData("name: a\nsubnet: s\nnetwork: n\nnodes: []", "f.yaml:3:10", "a network must be")]
    [InlineData("name: a\nsubnet: s\ncolour: red\nnodes: []", "f.yaml:3:1", "no option 'colour'")]
    [InlineData("name: a\nsubnet: s\nnodes:\n  - name: n1\n    image: i\n    Memory: 1GiB", "f.yaml:6:5",
        "Did you mean 'memory'")]
    [InlineData(
        "name: a\nsubnet: s\nnodes:\n  - name: n1\n    image: i\n    memory: 256", "f.yaml:6:13", "KiB, MiB, GiB")]
    [InlineData("name: a\nsubnet: s\nnodes:\n  - name: n1\n    image: i\n    vcpus: 0", "f.yaml:6:12", "from 1 to 256")]
    [InlineData("name: a\nsubnet: s\nnodes:\n  - name: n1\n    image: i\n    vcpus: 1\n    vcpus: 2", "f.yaml:7:5",
        "there twice")]
    [InlineData("name: a\nsubnet: s\nnodes:\n  - {name: n1, image: i}\n  - {name: n1, image: i}", "f.yaml:5:12",
        "first in line 4")]
    [InlineData("name: a\nsubnet: s\nnodes:\n  - image: i", "f.yaml:4:5", "no 'name'")]
    [InlineData("subnet: s\nnodes: []", "f.yaml:1:1", "no 'name'")]
    [InlineData("name: a\nsubnet: s", "f.yaml:1:1", "no 'nodes'")]
    [InlineData("name: a\nsubnet: s\nnodes: 3", "f.yaml:3:8", "must be a list")]
    [InlineData("name: [a]\nsubnet: s\nnodes: []", "f.yaml:1:7", "must be one value")]
    [InlineData("name: &x a\nsubnet: *x\nnodes: []", "f.yaml:1:7", "anchors")]
    [InlineData("name: !!int 3\nsubnet: s\nnodes: []", "f.yaml:1:7", "tag")]
    [InlineData("name: a\nsubnet: s\nreadyTimeout: 1500ms\nnodes: []", "f.yaml:3:15", "whole number of seconds")]
    [InlineData("name: a\nsubnet: s\nnodes: []\n---\nname: b", "f.yaml:4:1", "second document")]
    public void Says_where_and_what_is_wrong(string text, string place, string reason)
    {
        var error = Assert.Throws<SpecException>(() => SpecFile.Parse("f.yaml", text));

        Assert.StartsWith(place, error.Problem.Reason);
        Assert.Contains(reason, error.Message);
        Assert.NotEmpty(error.Problem.Remedy);
    }

    [Fact]
    public void Deep_nesting_is_refused_and_does_not_overflow()
    {
        var error = Assert.Throws<SpecException>(() => SpecFile.Parse("f.yaml", "name: " + new string('[', 100_000)));

        Assert.Contains("levels of nesting", error.Message);
    }

    [Fact]
    public void A_large_file_is_refused()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, new string('#', YamlFile.LargestBytes + 1));

        var error = Assert.Throws<UsageException>(() => SpecFile.Load(path, TextReader.Null));

        File.Delete(path);
        Assert.Contains("larger than 1 MiB", error.Message);
    }
}
