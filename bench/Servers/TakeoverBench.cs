using System.CommandLine;
using VioActors.Contracts;
using VioActors.Daemon.Cli;
using VioActors.Runtime.Sql;

namespace VioActors.Bench.Servers;

/// <summary>
/// How long actors are away when the server that owns them dies, freezes, or gives them away: two server processes over
/// PostgreSQL, 64 shards.
/// </summary>
internal static class TakeoverBench
{
    private const int Shards = 64;

    /// <summary>
    /// Events that somebody wrote after another owner of the same actor had: there must be none. The control counts in
    /// a copy of the journal to which one such event was added.
    /// </summary>
    private const string StaleCommits =
        """
        SELECT count(*) FROM (SELECT epoch, generation,
          max(generation) OVER earlier AS g, max(epoch) OVER earlier AS e FROM {0}
          WINDOW earlier AS (PARTITION BY actor ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) x
        WHERE generation < g OR (generation = g AND epoch < e)
        """;

    private const string Copied =
        """
        CREATE TABLE vio.journal_copy AS SELECT position, actor, generation, epoch FROM vio.event;
        INSERT INTO vio.journal_copy SELECT position + 1000000, actor, generation, epoch - 1 FROM vio.journal_copy
        WHERE position = (SELECT max(position) FROM vio.journal_copy)
        """;

    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "Kills, freezes and hand-overs, each.",
        HelpName = "n",
        DefaultValueFactory = _ => 10,
    };

    /// <summary>The benchmark.</summary>
    public static Benchmark Create()
    {
        Rounds.Between(1, 1000);
        return new Benchmark(
            "takeover", "How long actors are away when their server dies, freezes or gives them away.",
            [Rounds], RunAsync);
    }

    private static async Task<Figures> RunAsync(BenchRun run)
    {
        if (PostgresInstance.Missing is { } missing) throw new BenchException(missing);
        await using var postgres = await PostgresInstance.StartAsync();
        var store = await postgres.NewDatabaseAsync();
        await (await SqlStore.OpenPostgresAsync(store, run.Time, Shards)).DisposeAsync();
        await using var cluster = await ServerCluster.StartAsync(store, servers: 2, hosts: 2, run.Time, run.Cancel);
        var work = new NodeWork(cluster, run);
        await work.CreateAsync();
        var trial = new TakeoverTrial(cluster, work, run);
        var (kills, freezes, handOvers) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 1; round <= run.Parse.GetValue(Rounds); round++)
        {
            kills.Add(await trial.KillAsync());
            freezes.Add(await trial.FreezeAsync());
            handOvers.Add(await trial.HandOverAsync());
            run.Note($"round {round}: killed {kills[^1]:0.00} s, frozen {freezes[^1]:0.00} s, "
                + $"handed over {handOvers[^1] * 1000:0} ms");
        }

        var figures = new Figures();
        figures.Add("shards", Shards, "all on one server, the other stands by");
        figures.Add("kill_p50_s", Samples.Median(kills), "SIGKILL of the owner until every shard serves again");
        figures.Add("kill_p99_s", Samples.Percentile(kills, 0.99), "99th percentile of it");
        figures.Add("frozen_p50_s", Samples.Median(freezes), "SIGSTOP of the owner until every shard serves again");
        figures.Add("frozen_p99_s", Samples.Percentile(freezes, 0.99), "99th percentile of it");
        figures.Add("handoff_ms", Samples.Median(handOvers) * 1000, "drain until every shard serves at the other");
        figures.Add("handoff_errors", trial.Errors, "requests that failed during hand-overs");
        figures.Add("handoff_requests", trial.Requests, "control: requests made during hand-overs");
        await AddStaleAsync(figures, store, cluster.Watch, run.Time);
        if (figures.Failure is null && trial.Errors > 0)
            figures.Failure = $"{trial.Errors} requests failed during hand-overs.";
        return figures;
    }

    private static async Task AddStaleAsync(Figures figures, string store, EffectWatch watch, TimeProvider time)
    {
        var stale = await CountAsync(store, "vio.event");
        await PostgresInstance.RunAsync(store, Copied);
        var control = await CountAsync(store, "vio.journal_copy");
        figures.Add("stale_commits", stale, "events written by an owner that another had followed already");
        figures.Add("stale_commits_control", control, "control: the same count with one such event added");
        var (refusing, refusal) = await EffectControl.RunAsync(time, remembers: true);
        var (carrying, _) = await EffectControl.RunAsync(time, remembers: false);
        figures.Add("effects", watch.Done, "changes of nodes that hosts carried out");
        figures.Add("stale_effects", watch.Stale, "those decided before something that the host had seen already");
        figures.Add("late_commands", watch.Late, "commands that came after a later one, all turned away");
        figures.Add("stale_effects_control", carrying.Stale, "control: the same at a host without a memory of runs");
        figures.Add("late_command_refused", refusal ?? "", "control: what a host says to one sent on purpose");
        if (stale != 0 || control != 1)
            figures.Failure = $"{stale} stale commits, and the control found {control} instead of 1.";
        else if (watch.Stale != 0 || watch.Done == 0 || carrying.Stale != 1
            || (refusing.Stale, refusing.Late, refusal) != (0, 1, FailureCode.StaleRun))
            figures.Failure = $"{watch.Stale} stale effects of {watch.Done}; the controls found {carrying.Stale} "
                + $"instead of 1 and heard {refusal ?? "nothing"}.";
    }

    private static async Task<long> CountAsync(string store, string table) =>
        (long)(await PostgresInstance.RunAsync(store, string.Format(null, StaleCommits, table)))!;
}
