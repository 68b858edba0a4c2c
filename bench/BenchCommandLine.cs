using System.CommandLine;
using System.Text.Json.Nodes;
using VioActors.Bench.Adapt;
using VioActors.Bench.Chaos;
using VioActors.Bench.Follow;
using VioActors.Bench.Frames;
using VioActors.Bench.Move;
using VioActors.Bench.Mutants;
using VioActors.Bench.Overheads;
using VioActors.Bench.Overlay;
using VioActors.Bench.Place;
using VioActors.Bench.Plan;
using VioActors.Bench.Planetlab;
using VioActors.Bench.Recover;
using VioActors.Bench.Relayed;
using VioActors.Bench.Rightsizing;
using VioActors.Bench.Servers;
using VioActors.Bench.Simulate;
using VioActors.Bench.Turns;
using VioActors.Bench.Vhost;
using VioActors.Bench.Violin;
using VioActors.Daemon.Cli;

namespace VioActors.Bench;

/// <summary>Finds the benchmark, runs it, prints a table or one line of JSON.</summary>
internal static class BenchCommandLine
{
    private static readonly TimeSpan TimeToClean = TimeSpan.FromMinutes(3);

    /// <summary>All benchmarks.</summary>
    public static IReadOnlyList<Benchmark> All { get; } =
        [MoveBench.Create(), SimulateBench.Create(), TurnsBench.Create(), FramesBench.Create(), TakeoverBench.Create(),
            RecoverBench.Create(), ChaosBench.Create(), MutantsBench.Create(), OverlayBench.Create(),
            FollowBench.Create(), RelayBench.Create(), VhostBench.Create(), ViolinBench.Create(),
            PlanetlabBench.Create(), RightsizingBench.Create(), PlanBench.Create(), PlaceBench.Create(),
            AdaptBench.Create(), OverheadBench.Create()];

    /// <summary>Runs one command line; gives the exit code.</summary>
    public static Task<int> RunAsync(string[] args, CliHost host) => RunAsync(args, host, All);

    /// <summary>The same over other benchmarks.</summary>
    internal static async Task<int> RunAsync(string[] args, CliHost host, IReadOnlyList<Benchmark> benches)
    {
        if (args.Length == 0 || (!args[0].StartsWith('-') && benches.All(bench => bench.Name != args[0])))
        {
            host.Error.WriteLine(args.Length == 0 ? "Which benchmark?" : $"There is no benchmark '{args[0]}'.");
            foreach (var bench in benches) host.Error.WriteLine($"  {bench.Name,-10} {bench.Summary}");
            return ExitCode.WrongUsage;
        }

        var json = new Option<bool>("--json")
        {
            Description = "End with one line of JSON on standard output; the table goes to standard error.",
            Recursive = true,
        };
        var root = new RootCommand("Benchmarks of VioActors. docs/reference/benchmarks.md says what the figures mean.");
        root.Options.Add(json);
        foreach (var bench in benches) root.Subcommands.Add(CommandOf(bench, json, host));
        var parsed = root.Parse(args);
        foreach (var error in parsed.Errors) host.Error.WriteLine(error.Message);
        if (parsed.Errors.Count > 0) return ExitCode.WrongUsage;
        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            Output = host.Out,
            Error = host.Error,
            ProcessTerminationTimeout = TimeToClean,
        });
    }

    private static Command CommandOf(Benchmark bench, Option<bool> json, CliHost host)
    {
        var command = new Command(bench.Name, bench.Summary);
        foreach (var option in bench.Options) command.Options.Add(option);
        command.SetAction(async (parse, cancel) =>
        {
            host.Interrupts.Listen();
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, host.Interrupts.First);
            try
            {
                var machine = await Machine.DescribeAsync(host.Time, either.Token);
                var figures = await bench.Run(new BenchRun(parse, host, either.Token));
                Show(bench.Name, figures, machine, parse.GetValue(json), host);
                return figures.Failure is null ? ExitCode.Done : ExitCode.Failed;
            }
            catch (BenchException failed)
            {
                host.Error.WriteLine(failed.Message);
                return ExitCode.Failed;
            }
            catch (OperationCanceledException) when (either.IsCancellationRequested)
            {
                host.Error.WriteLine("Interrupted.");
                return ExitCode.Failed;
            }
        });
        return command;
    }

    private static void Show(string name, Figures figures, JsonObject machine, bool json, CliHost host)
    {
        var table = json ? host.Error : host.Out;
        foreach (var line in figures.ToLines()) table.WriteLine(line);
        table.WriteLine($"on {string.Join(", ", machine.Select(fact => $"{fact.Key} {fact.Value}"))}");
        if (figures.Failure is { } failure) host.Error.WriteLine(failure);
        if (!json) return;
        var document = new JsonObject { ["bench"] = name, ["figures"] = figures.ToJson(), ["machine"] = machine };
        if (figures.Failure is { } reason) document["failure"] = reason;
        host.Out.WriteLine(document.ToJsonString());
    }
}
