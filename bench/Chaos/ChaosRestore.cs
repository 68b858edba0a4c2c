using VioActors.Contracts;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Server.Restore;

namespace VioActors.Bench.Chaos;

/// <summary>
/// A copy of the store is made while work goes on, and put back later: servers must notice it, change nothing, say so,
/// and go on when somebody has decided.
/// </summary>
internal sealed class ChaosRestore(ChaosSite site, ChaosLedger ledger, ChaosMoves moves, ChaosDice dice, BenchRun run)
{
    private const int WritesAfter = 4;
    // Servers tell witnesses how far the store is every 2 s.
    private static readonly TimeSpan WitnessesKnow = TimeSpan.FromSeconds(4);
    // What a host said while an operation worked on the node is looked at 5 s after that has ended.
    private static readonly TimeSpan HostsHaveSpoken = TimeSpan.FromSeconds(7);
    private readonly string _copy = Path.Combine(site.Cluster.DirectoryOf(0), "copy.sql");
    private IReadOnlySet<string> _kept = new HashSet<string>();

    /// <summary>Copies that were put back, noticed and adopted.</summary>
    public int Done { get; private set; }

    /// <summary>While clients work: makes the copy and waits until there is something that it lacks.</summary>
    /// <param name="between">What happens after it was made.</param>
    public async Task CopyAsync(Func<Task> between)
    {
        await dice.WaitAsync(0.2, 3);
        _kept = ledger.Promised();
        var api = site.Cluster.Api(dice.Server()).Store;
        await site.Cluster.UntilAsync("the store is copied", async () =>
        {
            using var answer = await api.BackupAsync(run.Cancel);
            await using var file = File.Create(_copy);
            await answer.Content.CopyToAsync(file, run.Cancel);
            return true;
        }, run.Cancel);
        await between();
        await site.WellAsync(run.Cancel);
        var before = ledger.Promised().Count;
        await site.Cluster.UntilAsync("more was written", () => Task.FromResult(
            ledger.Promised().Count >= before + WritesAfter), run.Cancel);
        await dice.WaitAsync(WitnessesKnow);
    }

    /// <summary>While nothing is written: puts it back, and goes on.</summary>
    public async Task PutBackAsync()
    {
        var isKilled = dice.OneIn(2);
        foreach (var server in site.Cluster.Servers)
        {
            if (!isKilled) await server.StopAsync(run.Cancel);
            await server.EndAsync(run.Cancel);
        }
        if (dice.OneIn(2)) ForgetMarks();
        await site.Postgres.ReplaceAsync(_copy);
        foreach (var server in site.Cluster.Servers) server.Start();
        for (var server = 0; server < site.Cluster.Servers.Count; server++) await NoticedAsync(server);
        await site.Cluster.Api(dice.Server()).Store.AdoptAsync(run.Cancel);
        await site.WellAsync(run.Cancel);
        await moves.MendAsync();
        await dice.WaitAsync(HostsHaveSpoken);
        await moves.MendAsync();
        await ledger.ForgiveAsync(_kept);
        Done++;
    }

    // Then only the hosts' agents know.
    private void ForgetMarks()
    {
        for (var server = 0; server < site.Cluster.Servers.Count; server++)
            File.Delete(Path.Combine(site.Cluster.DirectoryOf(server), "data", MarkFile.Name));
    }

    private async Task NoticedAsync(int server)
    {
        var api = site.Cluster.Api(server);
        await site.Cluster.UntilAsync($"{site.Cluster.Servers[server].Name} notices the older store", async () =>
        {
            site.Cluster.Servers[server].CheckAlive();
            return (await api.Store.LookAsync(run.Cancel)).Behind is not null;
        }, run.Cancel);
        await site.ConnectedAsync(server, run.Cancel);
        await RefusedAsync(() => api.HealthAsync(run.Cancel), "Read-only");
        await RefusedAsync(() => api.Users.PutAsync("nobody", Role.Viewer, run.Cancel), "vio store adopt");
    }

    private static async Task RefusedAsync(Func<Task> ask, string says)
    {
        try
        {
            await ask();
        }
        catch (RefusedException refused) when (refused.Message.Contains(says, StringComparison.Ordinal))
        {
            return;
        }
        throw new BenchException($"A server with an older store did not refuse, saying '{says}'.");
    }
}
