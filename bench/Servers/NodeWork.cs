using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;
using VioActors.Daemon.Cli;

namespace VioActors.Bench.Servers;

/// <summary>Nodes that are stopped and started without a pause, so that hosts always have commands under way.</summary>
internal sealed class NodeWork(ServerCluster cluster, BenchRun run)
{
    private const string Name = "busy";
    private const int Nodes = 6;

    private static readonly EnvironmentSpec Spec = new()
    {
        Name = Name,
        Subnet = "10.10.0.0/24",
        Nodes = [.. Enumerable.Range(1, Nodes).Select(number => new NodeSpec { Name = $"n{number}", Image = "tiny" })],
    };

    /// <summary>Stops and starts that were accepted.</summary>
    public int Accepted;

    /// <summary>Makes the nodes.</summary>
    public async Task CreateAsync()
    {
        var made = await cluster.Api(0).ApplyAsync(Spec, dryRun: false, owner: null, run.Cancel);
        await cluster.EndOfAsync(made.Operation!.Value, 0, run.Cancel);
    }

    /// <summary>Works through one server until told to stop, then waits until no operation runs.</summary>
    public async Task RunAsync(int server, CancellationToken stop)
    {
        await Task.WhenAll(Spec.Nodes.Select(node => RunAsync(new NodeName(Name, node.Name), server, stop)));
        await cluster.UntilAsync("no operation works on the nodes", async () =>
            (await cluster.Api(server).OperationsAsync(Name, 2 * Nodes, run.Cancel))
                .All(one => one.Phase is not (OperationPhase.Running or OperationPhase.Undoing)), run.Cancel);
    }

    private async Task RunAsync(NodeName node, int server, CancellationToken stop)
    {
        for (var isStop = true; !stop.IsCancellationRequested; isStop = !isStop)
        {
            try
            {
                var work = isStop
                    ? await cluster.Api(server).StopAsync(node, graceSeconds: 0, stop)
                    : await cluster.Api(server).StartAsync(node, stop);
                Interlocked.Increment(ref Accepted);
                await cluster.EndOfAsync(work.Operation, server, stop);
            }
            catch (Exception notNow) when (notNow is CliException or OperationCanceledException)
            {
                // Refused, no answer, or the end: the next round asks again.
            }
        }
    }
}
