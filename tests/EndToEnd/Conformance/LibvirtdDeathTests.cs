using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.EndToEnd.Conformance;

/// <summary>
/// libvirtd is killed in the middle of each step of a node's life. The machine is frozen where a step asks it for
/// something, so that the step cannot end before the kill.
/// </summary>
[Collection(AgentLabCollection.Name)]
public sealed class LibvirtdDeathTests(AgentLab lab, ITestOutputHelper output)
{
    private const int SlowMiBps = 10;

    [Fact]
    public Task Prepare() => WithNodeAsync(async node =>
    {
        await node.InterruptAsync(lab.First, Prepared(node), lab.First);
        await node.UntilDoneAsync(lab.First, Prepared(node));
        await node.UntilDoneAsync(lab.First, Started(node));
        await node.ExpectAsync(lab.First, NodePresence.Running, copies: 1);
    });

    [Fact]
    public Task Start() => WithNodeAsync(async node =>
    {
        await node.UntilDoneAsync(lab.First, Prepared(node));
        // libvirt ends a machine that it finds half started, so the first start fails or nothing of it is left.
        var ended = await node.InterruptAsync(lab.First, Started(node), lab.First, Freeze.AsSoonAsItExists);
        Assert.NotNull(ended.Failure);
        await node.UntilDoneAsync(lab.First, Started(node));
        await node.ExpectAsync(lab.First, NodePresence.Running, copies: 1);
        await lab.BootedAsync(lab.First, node.Id);
    });

    [Fact]
    public Task Resize() => WithNodeAsync(async node =>
    {
        await BootAsync(node);
        var less = new ResizeNode { Node = node.Id, MemoryMiB = 144, CpuWeight = 50, CpuQuotaPercent = 50 };
        var ended = await node.InterruptAsync(lab.First, less, lab.First, Freeze.Before);
        Assert.NotNull(ended.Failure);
        await node.ExpectAsync(lab.First, NodePresence.Running, copies: 1);
        var done = await node.UntilDoneAsync(lab.First, less);
        Assert.InRange(done.Observation!.ActualMemoryMiB!.Value, 1, 145);
    });

    [Fact]
    public Task Receive() => WithNodeAsync(async node =>
    {
        await BootAsync(node);
        var receive = Received(node, NewMove());
        await node.InterruptAsync(lab.Second, receive, lab.Second);
        await node.UntilDoneAsync(lab.Second, receive);
        await node.UntilDoneAsync(lab.First, Sent(node, receive.Move));
        await node.ExpectAsync(lab.Second, NodePresence.Running, copies: 1);
    });

    [Theory, InlineData(true), InlineData(false)]
    public Task Send(bool atTheSource) => WithNodeAsync(async node =>
    {
        await BootAsync(node);
        var move = NewMove();
        await node.UntilDoneAsync(lab.Second, Received(node, move));
        var slow = Sent(node, move) with { BandwidthMiBps = SlowMiBps };
        var ended = await node.InterruptAsync(
            lab.First, slow, atTheSource ? lab.First : lab.Second, Freeze.Never, () => CopiesAsync(move));
        Assert.NotNull(ended.Failure);

        // As the environment decides: the way in is closed, both hosts are asked, the node is where one says it runs.
        foreach (var host in (HostId[])[lab.First, lab.Second])
            await node.UntilDoneAsync(host, new AbortMove { Node = node.Id, Move = move });
        await node.ExpectAsync(lab.Second, NodePresence.Absent, copies: 1);
        await node.ExpectAsync(lab.First, NodePresence.Running, copies: 1);

        var again = Received(node, NewMove());
        await node.UntilDoneAsync(lab.Second, again);
        await node.UntilDoneAsync(lab.First, Sent(node, again.Move));
        await node.ExpectAsync(lab.First, NodePresence.Absent, copies: 1);
        await node.ExpectAsync(lab.Second, NodePresence.Running, copies: 1);
    });

    [Fact]
    public Task Stop() => WithNodeAsync(async node =>
    {
        await BootAsync(node);
        var stop = new StopNode { Node = node.Id, GraceSeconds = 20 };
        await node.InterruptAsync(lab.First, stop, lab.First, Freeze.Before);
        await node.UntilDoneAsync(lab.First, stop with { GraceSeconds = 0 });
        await node.ExpectAsync(lab.First, NodePresence.Absent, copies: 0);
        Assert.True(Directory.Exists(lab.DirectoryOf(lab.First, node.Id)), "a stopped node keeps its disk");
    });

    [Fact]
    public Task Remove() => WithNodeAsync(async node =>
    {
        await BootAsync(node);
        await node.InterruptAsync(lab.First, new RemoveNode { Node = node.Id }, lab.First, Freeze.Before);
        await node.UntilDoneAsync(lab.First, new RemoveNode { Node = node.Id });
        await node.ExpectAsync(lab.First, NodePresence.Absent, copies: 0);
    });

    private async Task WithNodeAsync(Func<TestNode, Task> run)
    {
        lab.Require();
        var node = new TestNode(lab, output, lab.NewShape());
        foreach (var host in (HostId[])[lab.First, lab.Second])
            await node.UntilDoneAsync(host, new ObserveNode { Node = node.Id });
        await run(node);
        await node.RemoveEverywhereAsync();
    }

    private async Task BootAsync(TestNode node)
    {
        await node.UntilDoneAsync(lab.First, Started(node));
        await lab.BootedAsync(lab.First, node.Id);
    }

    private Task CopiesAsync(OperationId move) => Until.TrueAsync(
        $"move {move} copies",
        () => lab.Site.Agents.ProgressOf(move) is { Done: > 0 });

    private static OperationId NewMove() => OperationId.Of(Guid.NewGuid());

    private static PrepareNode Prepared(TestNode node) => new() { Node = node.Id, Shape = node.Shape };

    private static StartNode Started(TestNode node) => new() { Node = node.Id, Shape = node.Shape };

    private ReceiveMove Received(TestNode node, OperationId move) =>
        new() { Node = node.Id, Move = move, Shape = node.Shape, From = lab.First };

    private SendMove Sent(TestNode node, OperationId move) => new()
    {
        Node = node.Id,
        Move = move,
        Shape = node.Shape,
        To = lab.Second,
        ToEndpoint = lab.EndpointOf(lab.Second),
    };
}
