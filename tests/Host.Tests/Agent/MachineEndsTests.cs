using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Daemon.Agent.Nodes;

namespace VioActors.Daemon.Tests.Agent;

/// <summary>The agent's link over libvirt's built-in test driver, a hypervisor inside this process.</summary>
public sealed class MachineEndsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_domain_that_ends_is_told_and_a_broken_connection_says_that_any_may_have()
    {
        using var late = new CancellationTokenSource(Limit);
        var cancel = late.Token;
        await using var link = new LibvirtLink("test:///default", "test", TimeProvider.System, NullLogger.Instance);
        var told = Channel.CreateBounded<NodeId?>(64);
        using var ear = link.Ends.Listen(node => told.Writer.TryWrite(node));
        var id = Guid.NewGuid();
        var xml = $"""
            <domain type='test'><name>d-{id:N}</name><uuid>{id}</uuid><memory unit='MiB'>64</memory>
            <os><type>hvm</type></os></domain>
            """;
        try
        {
            await link.CallAsync(libvirt => libvirt.Domains.CreateTransientAsync(xml, cancel: cancel), cancel);
        }
        catch (HypervisorException missing) when (missing.Failure.Code == "libvirt-missing")
        {
            Assert.Skip("libvirt.so.0 is missing: install the package libvirt0");
        }

        await link.CallAsync(libvirt => libvirt.Domains.SuspendAsync(id, cancel), cancel);
        await link.CallAsync(libvirt => libvirt.Domains.DestroyAsync(id, cancel), cancel);
        Assert.Equal(NodeId.Of(id), await told.Reader.ReadAsync(cancel));

        await link.CallAsync(libvirt => libvirt.DisposeAsync().AsTask(), cancel);
        Assert.Null(await told.Reader.ReadAsync(cancel));
        await link.CallAsync(libvirt => libvirt.Host.GetInfoAsync(cancel), cancel);
        Assert.Equal(0, told.Reader.Count);
    }
}
