using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Tests.Demo;

public sealed class DemoSpecTests
{
    [Fact]
    public void The_file_that_ships_is_what_the_demo_needs()
    {
        var spec = SpecFile.Load(Path.Combine(AppContext.BaseDirectory, "config", "demo.yaml"), TextReader.Null);

        Assert.Equal(4, spec.Nodes.Length);
        Assert.Equal(
            "tiny-disk", Assert.Single(spec.Nodes, node => node.KernelArguments?.Contains("vio.disk=1") == true).Image);
        Assert.Single(spec.Nodes, node => node.KernelArguments?.Contains("vio.work=1") == true);
        var client = Assert.Single(spec.Nodes, node => node.KernelArguments?.Contains("vio.tcp=") == true);
        Assert.EndsWith("=" + spec.Nodes[0].Ip, client.KernelArguments);
        Assert.Equal(4, spec.Nodes.Select(node => node.Mac).OfType<string>().Distinct().Count());
    }
}
