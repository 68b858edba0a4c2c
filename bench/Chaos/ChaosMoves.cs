using VioActors.Bench.Servers;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;
using VioActors.Daemon.Cli;

namespace VioActors.Bench.Chaos;

/// <summary>One node that moves to and fro, whatever happens to the servers.</summary>
internal sealed class ChaosMoves(ServerCluster cluster, BenchRun run)
{
    private static readonly NodeName Node = new("chaos", "n1");

    private static readonly EnvironmentSpec Spec = new()
    {
        Name = "chaos",
        Subnet = "10.10.0.0/24",
        Nodes = [new NodeSpec { Name = "n1", Image = "tiny" }],
    };

    private NodeId _node;

    /// <summary>Moves that ended.</summary>
    public int Ended { get; private set; }

    /// <summary>Rules that the simulated machines saw broken, and nodes that did not run at a check.</summary>
    public int Violations { get; private set; }

    /// <summary>Makes the node.</summary>
    public async Task CreateAsync()
    {
        var made = await cluster.Api(0).ApplyAsync(Spec, dryRun: false, owner: null, run.Cancel);
        await cluster.EndOfAsync(made.Operation!.Value, 0, run.Cancel);
        _node = (await cluster.Api(0).NodeAsync(Node, run.Cancel)).Id;
    }

    /// <summary>Moves until told to stop; the last move is waited for.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        for (var server = 0; !stop.IsCancellationRequested; server = 1 - server)
        {
            try
            {
                var move = await cluster.Api(server).MoveAsync(Node, new MoveBody(), run.Cancel);
                await cluster.EndOfAsync(move.Operation, 1 - server, run.Cancel);
                Ended++;
            }
            catch (CliException)
            {
                // Refused, or no answer: the next round asks again.
            }
        }

        await cluster.UntilAsync("no operation works on the node", async () =>
            (await cluster.Api(0).OperationsAsync("chaos", 20, run.Cancel))
                .All(one => one.Phase is not (OperationPhase.Running or OperationPhase.Undoing)), run.Cancel);
    }

    /// <summary>While nothing moves: it runs exactly once.</summary>
    public void Check()
    {
        Violations += cluster.World.Violations.Count + (cluster.World.RunningCopies(_node) == 1 ? 0 : 1);
        foreach (var broken in cluster.World.Violations) run.Note(broken);
    }
}
