using VioActors.Runtime;
using VioActors.Simulation.Site;

namespace VioActors.Simulation.Cluster;

/// <summary>
/// Clients ask whichever server answers while servers die, freeze, drain, stop and come back. Then the faults stop, and
/// everything must come to rest.
/// </summary>
internal sealed class ClusterScenario(SimCluster cluster, ClusterChaos chaos, int asks, bool faults, bool moves)
{
    private const int Clients = 4;
    private const int Banks = 12;
    private readonly List<(ActorKey Bank, string Op)> _alarms = [];
    private readonly List<(ActorKey Bank, string Op)> _orders = [];
    private readonly ClusterRest _rest = new(cluster);

    // How long a request may take: nothing fails, or shards only move; or no matter how long.
    private readonly TimeSpan? _atOnce = faults ? null : TimeSpan.FromSeconds(moves ? 3 : 0.6);

    /// <summary>What the clients know.</summary>
    public ClusterLedger Ledger { get; } = new();

    /// <summary>Runs to the end.</summary>
    /// <exception cref="SimViolationException">A rule is broken, or it does not come to rest.</exception>
    public async Task RunAsync()
    {
        for (var server = 0; server < cluster.Count; server++) cluster.Start(server);
        if (!faults) await SettleAsync();
        var harm = new ClusterHarm(cluster, chaos);
        var harming = faults ? harm.RunAsync() : moves ? harm.HandOverAsync() : Task.CompletedTask;
        using var stop = new CancellationTokenSource();
        var following = new JournalFollower(cluster, chaos, Ledger).RunAsync(stop.Token);
        await Task.WhenAll(Enumerable.Range(1, Clients).Select(ClientAsync));
        await harm.HealAsync();
        await harming;
        await _rest.ReachedAsync(Ledger);
        var checks = new ClusterChecks(cluster, Ledger, chaos, _atOnce, moves);
        await checks.HistoryAsync();
        await checks.StatesAsync();
        await _rest.DrainedAsync(chaos.Below(cluster.Count));
        await RestartAsync();
        await CureAsync();
        await _rest.ReachedAsync(Ledger);
        await stop.CancelAsync();
        await following;
        await checks.StatesAsync();
        await checks.EndAsync();
    }

    // Every server has seen where the shards are.
    private async Task SettleAsync()
    {
        await _rest.PlacedAsync();
        await Task.Delay(cluster.Limits.LookEvery * 2, cluster.Time);
    }

    private async Task ClientAsync(int number)
    {
        var client = new ClusterClient(cluster, chaos, Ledger, _atOnce);
        for (var step = 1; step <= asks; step++)
        {
            // Several at once for one bank, so that they meet in a batch.
            var bank = chaos.Below(Banks);
            var wishes = Enumerable.Range(1, chaos.Below(3) == 0 ? 3 : 1).Select(wish =>
            {
                var op = $"{number}.{step}.{wish}";
                var (to, message) = Choose(bank, op);
                return client.DoAsync(to, message, op);
            });
            await Task.WhenAll(wishes);
            await Task.Delay(chaos.Between(TimeSpan.Zero, TimeSpan.FromSeconds(1)), cluster.Time);
        }
    }

    private (ActorKey To, object Message) Choose(int bank, string op)
    {
        var (key, other) = (BankActor.Key(bank), BankActor.Key((bank + 1 + chaos.Below(Banks - 1)) % Banks));
        switch (chaos.Below(24))
        {
            case < 3:
                return (key, new Deposit(op, 1 + chaos.Below(100)));
            case < 10:
                return (key, new Pay(op, other.Id, 2 + chaos.Below(100)));
            case < 13:
                _alarms.Add((key, op));
                return (key, new SetAlarm(op, chaos.Below(5000)));
            case < 16 when _alarms.Count > 0:
                var (sleeper, alarm) = _alarms[^1];
                return (sleeper, new ChangeAlarm(op, alarm, chaos.Below(3) == 0 ? null : chaos.Below(5000)));
            case < 20:
                _orders.Add((key, op));
                return (key, new Order(op));
            case < 22 when _orders.Count > 0:
                var (worker, order) = _orders[^1];
                return (worker, new Recall(op, order));
            case 22:
                return (key, new Poison(op, other.Id));
            default:
                return (key, new Hoard(op, SimCluster.TooLong));
        }
    }

    // What memory hides shows when everything is read from the store.
    private async Task RestartAsync()
    {
        for (var server = 0; server < cluster.Count; server++) cluster.Kill(server);
        for (var server = 0; server < cluster.Count; server++) cluster.Start(server);
        await _rest.PlacedAsync();
    }

    // The letters of banks that could not digest a message are delivered again once they can.
    private async Task CureAsync()
    {
        var client = new ClusterClient(cluster, chaos, Ledger, atOnce: null);
        for (var bank = 0; bank < Banks; bank++)
            await client.DoAsync(BankActor.Key(bank), new Cure(BankActor.Cured), BankActor.Cured);
        foreach (var letter in await cluster.Store.ReadDeadLettersAsync(int.MaxValue))
            await cluster[0]!.System.RetryDeadLetterAsync(letter);
    }
}
