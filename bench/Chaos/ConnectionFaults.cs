using VioActors.Bench.Servers;

namespace VioActors.Bench.Chaos;

/// <summary>
/// What is done to the connections between one server, or both, and the database. Each fault is healed before it
/// returns.
/// </summary>
internal sealed class ConnectionFaults(ChaosSite site, ChaosDice dice)
{
    // Long enough that a client's write is on its way when answers are kept back.
    private const double AnswerWithin = 0.4;

    /// <summary>All of them.</summary>
    public IEnumerable<ChaosFault> All =>
    [
        new("connections dropped", DropAsync), new("connections refused", RefuseAsync),
        new("connections delayed", DelayAsync), new("connections silent for a moment", () => SilenceAsync(0.2, 3)),
        new("connections silent for longer than a lease", () => SilenceAsync(8, 10)),
        new("answers of commits cut", CutAnswersAsync),
    ];

    private IReadOnlyList<Relay> Some() => dice.OneIn(3) ? site.Relays : [site.Relays[dice.Server()]];

    private async Task DropAsync()
    {
        foreach (var relay in Some()) relay.Drop();
        await dice.WaitAsync(0, 0.5);
    }

    private async Task RefuseAsync()
    {
        var cut = Some();
        foreach (var relay in cut)
        {
            relay.IsRefusing = true;
            relay.Drop();
        }
        await dice.WaitAsync(0.2, 4);
        foreach (var relay in cut) relay.IsRefusing = false;
    }

    private async Task DelayAsync()
    {
        var slow = Some();
        var delay = dice.Wait(0.01, 0.3);
        foreach (var relay in slow) relay.Delay = delay;
        await dice.WaitAsync(0.5, 4);
        foreach (var relay in slow) relay.Delay = TimeSpan.Zero;
    }

    private async Task SilenceAsync(double from, double to)
    {
        var silent = Some();
        foreach (var relay in silent)
        {
            relay.ToDatabase.Close();
            relay.FromDatabase.Close();
        }
        await dice.WaitAsync(from, to);
        foreach (var relay in silent)
        {
            relay.ToDatabase.Open();
            relay.FromDatabase.Open();
        }
    }

    private async Task CutAnswersAsync()
    {
        foreach (var relay in site.Relays) relay.FromDatabase.Close();
        await dice.WaitAsync(AnswerWithin / 2, AnswerWithin);
        foreach (var relay in site.Relays)
        {
            relay.Drop();
            relay.FromDatabase.Open();
        }
    }
}
