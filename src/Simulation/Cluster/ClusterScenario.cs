using VioActors.Runtime;
using VioActors.Simulation.Site;

namespace VioActors.Simulation.Cluster;

/// <summary>
/// Clients ask whichever server answers, again under the same key until they know the outcome, while servers die,
/// freeze, drain and come back. Then the faults stop, and everything must come to rest.
/// </summary>
internal sealed class ClusterScenario(SimCluster cluster, ClusterChaos chaos, int asks, bool faults)
{
    private const int Clients = 4;
    private const int Banks = 12;
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly List<(ActorKey Bank, string Op)> _acknowledged = [];
    private bool _over;

    /// <summary>Every operation that a client knows to be done.</summary>
    public IReadOnlyList<(ActorKey Bank, string Op)> Acknowledged => _acknowledged;

    /// <summary>Runs to the end.</summary>
    /// <exception cref="SimViolationException">It does not come to rest.</exception>
    public async Task RunAsync()
    {
        for (var server = 0; server < cluster.Count; server++) cluster.Start(server);
        var harm = faults ? HarmAsync() : Task.CompletedTask;
        await Task.WhenAll(Enumerable.Range(1, Clients).Select(ClientAsync));
        _over = true;
        await harm;
        await HealAsync();
        for (var start = cluster.Time.GetTimestamp(); cluster.Store.Waiting is { Length: > 0 } waits;)
        {
            if (cluster.Time.GetElapsedTime(start) > Rest)
                throw new SimViolationException($"{Rest} after the last fault still wait: {waits}; {cluster}");
            await Task.Delay(Pause, cluster.Time);
        }
    }

    /// <summary>A server that lives, and runs or is frozen.</summary>
    public ServerLife? Any() => cluster[chaos.Below(cluster.Count)];

    private async Task ClientAsync(int client)
    {
        for (var number = 1; number <= asks; number++)
        {
            var (bank, op) = (chaos.Below(Banks), $"{client}.{number}");
            object message = chaos.Below(4) switch
            {
                0 => new Deposit(op, 1 + chaos.Below(100)),
                1 => new Pay(op, BankActor.Key((bank + 1 + chaos.Below(Banks - 1)) % Banks).Id, 1 + chaos.Below(100)),
                2 => new SetAlarm(op, chaos.Below(5000)),
                _ => new Order(op),
            };
            await UntilDoneAsync(BankActor.Key(bank), message, op);
            _acknowledged.Add((BankActor.Key(bank), op));
            await Task.Delay(chaos.Between(TimeSpan.Zero, TimeSpan.FromSeconds(1)), cluster.Time);
        }
    }

    private async Task UntilDoneAsync(ActorKey bank, object message, string op)
    {
        for (var start = cluster.Time.GetTimestamp(); ;)
        {
            if (Any() is { } life && await TryAskAsync(life, bank, message, op)) return;
            if (cluster.Time.GetElapsedTime(start) > Rest)
                throw new SimViolationException($"{op} was not taken within {Rest}.");
            await Task.Delay(Pause, cluster.Time);
        }
    }

    // A client waits a while for an answer, and asks another server then.
    private async Task<bool> TryAskAsync(ServerLife life, ActorKey bank, object message, string op)
    {
        var asked = AskAsync(life, bank, message, op);
        var late = Task.Delay(TimeSpan.FromSeconds(5), cluster.Time);
        return await Task.WhenAny(asked, late) == asked && await asked;
    }

    private static async Task<bool> AskAsync(ServerLife life, ActorKey bank, object message, string op)
    {
        try
        {
            await life.Gate.PassAsync();
            var result = await life.System.AskAsync(bank, message, "client", op);
            await life.Gate.PassAsync();
            return result.Refusal is { } refusal ? throw new SimViolationException(refusal.Reason) : result.IsDone;
        }
        catch (OutcomeUnknownException)
        {
            return false;
        }
    }

    private async Task HarmAsync()
    {
        while (!_over)
        {
            await Task.Delay(chaos.Between(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(8)), cluster.Time);
            if (!_over) Strike(chaos.Below(cluster.Count));
        }
    }

    private void Strike(int server)
    {
        if (cluster[server] is not { } life)
        {
            cluster.Start(server);
            return;
        }

        switch (chaos.Below(7))
        {
            case 0 or 1:
                chaos.Note("server killed");
                cluster.Kill(server);
                break;
            case 2:
                chaos.Note("server frozen");
                life.Gate.Freeze();
                break;
            case 3:
                life.Gate.Thaw();
                break;
            case 4:
                chaos.Note("server drained");
                life.System.Drain(true);
                break;
            case 5:
                life.System.Drain(false);
                break;
            default:
                chaos.Note("clock set");
                life.Clock.Skew = chaos.Between(TimeSpan.FromSeconds(-30), TimeSpan.FromSeconds(30));
                break;
        }
    }

    private async Task HealAsync()
    {
        chaos.On = false;
        for (var server = 0; server < cluster.Count; server++)
        {
            if (cluster[server] is not { } life)
            {
                cluster.Start(server);
                continue;
            }

            life.Gate.Thaw();
            life.Clock.Skew = TimeSpan.Zero;
            life.System.Drain(false);
        }

        await Task.Delay(Pause, cluster.Time);
    }
}
