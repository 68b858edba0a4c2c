using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Daemon.Agent.Nodes;
using VioActors.Host.Tests.Server;
using VioActors.Switch.DataPlane;
using VioActors.TestKit;

namespace VioActors.Daemon.Tests.Agent;

/// <summary>A machine starts when the switch has its port, and says so when it never has.</summary>
public sealed class PortWaitTests
{
    private static readonly NodeId Node = NodeId.From("11111111-2222-3333-4444-555555555555");
    private readonly ManualTime _time = new();
    private int _looks;

    [Fact]
    public async Task APortThatComesLaterIsWaitedForAsync()
    {
        var waiting = Wait("stream", look => look switch
        {
            1 => throw new IOException("it restarts"),
            2 => throw new SwitchRefusedException("busy", "it has its hands full"),
            3 => [],
            4 => [Port(Node.Value, "joint"), Port("another", "stream")],
            _ => [Port(Node.Value, "stream")],
        });
        await PassAsync(waiting);
        await waiting;
        Assert.Equal(5, _looks);
    }

    [Fact]
    public async Task APortThatNeverComesIsNamedAsync()
    {
        var began = _time.GetTimestamp();
        var waiting = Wait("vhost-user", _ => []);
        await PassAsync(waiting);
        Assert.True(_time.GetElapsedTime(began) > TimeSpan.FromSeconds(15));
        var failed = await Assert.ThrowsAsync<HypervisorException>(() => waiting);
        Assert.Equal("no-port", failed.Failure.Code);
        Assert.Contains("vhost-user", failed.Failure.Reason, StringComparison.Ordinal);
    }

    private Task Wait(string kind, Func<int, IReadOnlyList<PortStatus>> ports) => new PortWait(
        new PortXml(kind, "/ports"), async _ =>
        {
            await Task.CompletedTask;
            return ports(++_looks);
        }, _time).ForAsync(Node, CancellationToken.None);

    private Task PassAsync(Task waiting) => Until.TrueAsync(() =>
    {
        if (!waiting.IsCompleted) _time.Advance(TimeSpan.FromMilliseconds(500));
        return waiting.IsCompleted;
    });

    private static PortStatus Port(string node, string kind) =>
        new("vios", node, true, false, new Dictionary<string, long>()) { Kind = kind };
}
