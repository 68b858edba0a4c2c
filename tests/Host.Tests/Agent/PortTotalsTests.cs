using VioActors.Actors.Host.Monitoring;
using VioActors.Contracts;
using VioActors.Daemon.Agent.Monitoring;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Tests.Agent;

/// <summary>Traffic of nodes by the counters of the switch.</summary>
public sealed class PortTotalsTests
{
    private static readonly NodeId Node = NodeId.From("11111111-2222-3333-4444-555555555555");
    private readonly PortTotals _totals = new();

    [Fact]
    public void TotalsGrowFromTheFirstLookAndOutliveASwitch()
    {
        Assert.Equal((0, 0), Look(1000, 2000));
        Assert.Equal((10, 20), Look(1010, 2020));
        Assert.Equal((15, 27), Look(5, 7));
        Assert.Equal((16, 28), Look(6, 8));
    }

    [Fact]
    public void APortThatIsOnlyPreparedOrGoneCountsNothing()
    {
        Look(1000, 2000);
        Look(1010, 2020);
        Assert.Equal((0, 0), Look(1020, 2040, isOpen: false));
        Assert.Equal((0, 0), Look(1030, 2060));
    }

    private (long Received, long Sent) Look(long toNode, long fromNode, bool isOpen = true)
    {
        _totals.Take(
        [
            new PortStatus("vios", Node.Value, isOpen, false, new Dictionary<string, long>
            {
                ["bytesToNode"] = toNode,
                ["bytesFromNode"] = fromNode,
            }),
        ]);
        var read = _totals.Apply(new NodeCounters(
            Node, 1, TimeSpan.Zero, null, null, null, null, 64, null, null, ReceivedBytes: 3, SentBytes: 4));
        return (read.ReceivedBytes, read.SentBytes);
    }
}
