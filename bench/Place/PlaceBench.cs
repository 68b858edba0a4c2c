using System.CommandLine;
using VioActors.Contracts;
using VioActors.Runtime;
using VioActors.Runtime.Sql;
using VioActors.Simulation;

namespace VioActors.Bench.Place;

/// <summary>
/// How fast a queue of nodes gets its room on many hosts, through the actors of a site: from the request for an
/// environment to the durable booking of its last node. Nothing is started.
/// </summary>
internal static class PlaceBench
{
    private const string Sqlite = "sqlite";

    /// <summary>The control's queue is no longer than this.</summary>
    private const int ControlNodes = 4000;

    private static readonly Option<int> Nodes = new("--nodes")
    {
        Description = "Nodes in the queue.",
        HelpName = "n",
        DefaultValueFactory = _ => 10_000,
    };

    private static readonly Option<int> Hosts = new("--hosts")
    {
        Description = "Hosts that take them.",
        HelpName = "n",
        DefaultValueFactory = _ => 500,
    };

    private static readonly Option<int> Together = new("--together")
    {
        Description = "Environments that are asked for and not yet placed.",
        HelpName = "n",
        DefaultValueFactory = _ => 32,
    };

    private static readonly Option<string> Store = new("--store")
    {
        Description = "sqlite or memory.",
        HelpName = "store",
        DefaultValueFactory = _ => Sqlite,
    };

    /// <summary>The benchmark.</summary>
    public static Benchmark Create()
    {
        Nodes.Between(1, 2_000_000);
        Hosts.Between(1, 5000);
        Together.Between(1, 1000);
        Store.AcceptOnlyFromAmong(Sqlite, "memory");
        return new Benchmark(
            "place", "Nodes per second that get their room on many hosts.", [Nodes, Hosts, Together, Store], RunAsync);
    }

    private static async Task<Figures> RunAsync(BenchRun run)
    {
        var (nodes, hosts) = (run.Parse.GetValue(Nodes), run.Parse.GetValue(Hosts));
        var figures = new Figures();
        figures.Add("nodes", nodes, "in the queue, in environments of up to 256");
        figures.Add("hosts", hosts, "simulated, all alike");
        figures.Add("store", run.Parse.GetRequiredValue(Store), "where the actors are durable");
        await WithSiteAsync(
            run, new PlaceLoad(nodes, hosts, 1.25), (site, load) => MeasureAsync(run, site, load, figures));

        // Control: what does not fit is refused, and what was tried for it leaves nothing.
        var few = Math.Max(1, Math.Min(nodes, ControlNodes) * hosts / nodes);
        var small = new PlaceLoad(Math.Min(nodes, ControlNodes), few, 0.6);
        await WithSiteAsync(run, small, (site, load) => RefuseAsync(run, site, load, figures));
        return figures;
    }

    private static async Task MeasureAsync(BenchRun run, PlaceSite site, PlaceLoad load, Figures figures)
    {
        run.Note($"{load.Hosts} hosts are there; {load.Environments} environments begin");
        var (before, gen2, worked) = (site.Stats, GC.CollectionCount(2), Environment.CpuUsage.TotalTime);
        var outcome = await new PlaceQueue(site, load, run.Parse.GetValue(Together), run.Time).RunAsync(run.Cancel);
        var work = Environment.CpuUsage.TotalTime - worked;
        await site.SettleAsync(run.Cancel);
        var after = site.Stats;
        var booked = await PlaceCheck.BookedAsync(site, outcome.Placed, run.Cancel);
        figures.Add("per_s", booked / outcome.Seconds, "nodes booked per second, all of them durable");
        figures.Add("seconds", outcome.Seconds, "from the first request to the last booking");
        figures.Add("cpu_us_per_node", work.TotalMicroseconds / load.Nodes, "processor time, of all cores together");
        figures.Add("environments", load.Environments, "requests");
        figures.Add("placed", booked, "control: nodes in the hosts' ledgers, each once, where its environment says");
        figures.Add("wait_p50_ms", Samples.Median(outcome.WaitsMs), "from an environment's request to its room");
        figures.Add("wait_p99_ms", Samples.Percentile([.. outcome.WaitsMs], 0.99), "99th percentile of it");
        figures.Add("turns_per_node", (double)(after.Turns - before.Turns) / load.Nodes, "turns of all actors");
        figures.Add("gen2", GC.CollectionCount(2) - gen2, "full garbage collections");
        if (booked != load.Nodes)
            figures.Failure = $"{booked} of {load.Nodes} nodes were placed: {outcome.Refused.FirstOrDefault()?.Reason}";
    }

    private static async Task RefuseAsync(BenchRun run, PlaceSite site, PlaceLoad load, Figures figures)
    {
        var outcome = await new PlaceQueue(site, load, run.Parse.GetValue(Together), run.Time).RunAsync(run.Cancel);
        await site.SettleAsync(run.Cancel);
        var booked = await PlaceCheck.BookedAsync(site, outcome.Placed, run.Cancel);
        figures.Add("control_placed", booked, $"of {load.Nodes} nodes on hosts with room for 60 % of them");
        figures.Add("control_refused", outcome.Refused.Count, "environments that were refused, with what was missing");
        var unnamed = outcome.Refused.Count(why => why.Code != FailureCode.NoCapacity);
        var all = outcome.Placed.Count + outcome.Refused.Count == load.Environments;
        if (outcome.Refused.Count == 0 || unnamed > 0 || !all)
            figures.Failure ??= $"Of {load.Environments} environments {outcome.Placed.Count} were placed and "
                + $"{outcome.Refused.Count} refused, {unnamed} for another reason than room.";
        else
            run.Note($"The first that was refused: {outcome.Refused[^1].Reason}");
    }

    private static async Task WithSiteAsync(BenchRun run, PlaceLoad load, Func<PlaceSite, PlaceLoad, Task> use)
    {
        var directory = Directory.CreateTempSubdirectory("vio-bench-").FullName;
        try
        {
            if (run.Parse.GetValue(Store) == Sqlite)
            {
                await using var store = await SqlStore.OpenSqliteAsync(Path.Combine(directory, "site.db"), run.Time);
                await UseAsync(store);
            }
            else
            {
                await UseAsync(new MemoryStore(run.Time));
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        async Task UseAsync(IStore store)
        {
            await using var site = await PlaceSite.StartAsync(store, load, run.Time, run.Cancel);
            await use(site, load);
        }
    }
}
