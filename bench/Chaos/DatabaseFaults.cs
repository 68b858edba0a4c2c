namespace VioActors.Bench.Chaos;

/// <summary>What is done to PostgreSQL. Each fault is healed before it returns.</summary>
internal sealed class DatabaseFaults(ChaosSite site, ChaosDice dice)
{
    private const string Terminate =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'vio server'";

    /// <summary>All of them.</summary>
    public IEnumerable<ChaosFault> All =>
    [
        new("sessions terminated", () => site.Postgres.RunAsync(Terminate)),
        new("database stopped at once", RestartAsync), new("standby promoted", FailOverAsync),
        new("standby away for a moment", () => AwayAsync(0.2, 3)), new("standby away, then promoted", AwayAndOverAsync),
    ];

    private async Task RestartAsync()
    {
        await site.Postgres.Primary.StopAsync("immediate");
        await dice.WaitAsync(0, 3);
        await site.Postgres.Primary.StartAsync();
        await site.Postgres.InSyncAsync();
    }

    private async Task FailOverAsync()
    {
        var wait = dice.Wait(0, 1);
        await site.Postgres.FailOverAsync(async next =>
        {
            foreach (var relay in site.Relays) relay.Target = next.Socket;
            await dice.WaitAsync(wait);
        });
    }

    private async Task AwayAsync(double from, double to)
    {
        await site.Postgres.StopStandbyAsync();
        await dice.WaitAsync(from, to);
        await site.Postgres.StartStandbyAsync();
    }

    // Whatever the primary has alone is gone afterwards; for longer than servers wait for an answer.
    private async Task AwayAndOverAsync()
    {
        await site.Postgres.StopStandbyAsync();
        await dice.WaitAsync(1, 13);
        await FailOverAsync();
    }
}
