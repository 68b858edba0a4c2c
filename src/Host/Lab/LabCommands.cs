using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Lab;

/// <summary><c>vio lab up|down|status</c>.</summary>
internal static class LabCommands
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly Option<string?> Id = new("--id")
    {
        Description = "The lab's id: a-z and 0-9, at most 8 characters",
    };

    private static readonly Option<bool> AsJson = new("--json") { Description = "Print one line of JSON" };
    private static readonly Option<int> Hosts = new("--hosts")
    {
        Description = "Number of hosts, 1 to 8",
        DefaultValueFactory = _ => 2,
    };

    private static readonly Option<string> Base = new("--base")
    {
        Description = "Directory below which labs live",
        DefaultValueFactory = _ => LabPlan.DefaultBaseDirectory,
        Hidden = true,
    };

    /// <summary>The command tree.</summary>
    /// <param name="host">The process.</param>
    /// <param name="populate">Starts server and agents in a lab; null leaves the hosts with libvirtd alone.</param>
    public static Command Create(CliHost host, LabPopulate? populate = null)
    {
        var fill = populate ?? ((_, _, _) => Task.CompletedTask);
        var up = new Command("up", "Bring up several hosts on this machine, each with its own libvirtd and agent")
            { Id, Hosts, Base, AsJson };
        up.SetAction((parsed, cancel) => GuardAsync(ended => UpAsync(parsed, ended), cancel));
        var down = new Command("down", "Remove a lab and everything it made, also when its starter was killed")
            { Id, Base, AsJson };
        down.SetAction((parsed, cancel) => GuardAsync(ended => DownAsync(parsed, ended), cancel));
        var status = new Command("status", "Show labs and their processes") { Base, AsJson };
        status.SetAction((parsed, cancel) => GuardAsync(_ => Task.FromResult(Status(parsed, host)), cancel));
        var supervise = new Command(LabSupervision.Verb, "Keep a lab in the foreground") { Id, Hosts, Base };
        supervise.Hidden = true;
        supervise.SetAction((parsed, cancel) => GuardAsync(
            ended => new LabSupervision(TimeProvider.System).RunAsync(
                OptionsOf(parsed), fill, new Progress<LabEvent>(happened => Console.WriteLine(happened.Text)), ended),
            cancel));
        return new Command("lab", "Several hosts on this one machine, in namespaces") { up, down, status, supervise };
    }

    private static LabOptions OptionsOf(ParseResult parsed)
    {
        var options = new LabOptions { Hosts = parsed.GetValue(Hosts), BaseDirectory = parsed.GetValue(Base)! };
        options = parsed.GetValue(Id) is { } id ? options with { Id = id } : options;
        return options.Validate() is { Count: > 0 } complaints
            ? throw new UsageException($"{string.Join("; ", complaints)}.", "Correct it; vio lab up --help.")
            : options;
    }

    private static async Task<int> UpAsync(ParseResult parsed, CancellationToken cancel)
    {
        var options = OptionsOf(parsed);
        await new LabSupervision(TimeProvider.System).StartAsync(options, cancel);
        var status = LabStatus.All(options.BaseDirectory).Single(lab => lab.Id == options.Id);
        Show(parsed, status, $"lab {status.Id} is up: {status.Hosts} hosts; API at {status.Api}");
        return 0;
    }

    private static async Task<int> DownAsync(ParseResult parsed, CancellationToken cancel)
    {
        var directory = parsed.GetValue(Base)!;
        var known = LabStatus.All(directory).Select(lab => lab.Id).ToArray();
        var id = parsed.GetValue(Id);
        if (id is null && known.Length != 1)
        {
            throw new LabException(known.Length == 0
                ? "There is no lab."
                : $"There are {known.Length} labs: {string.Join(", ", known)}. Next step: name one with --id.");
        }

        // A lab whose directory is gone may still have processes.
        if (id is not null && !known.Contains(id)
            && (!LabOptions.IsId(id) || LabInventory.Take(id, directory, LabInventory.LinkNames()).LeftOver == 0))
        {
            var others = known.Length == 0 ? "none" : string.Join(", ", known);
            throw new LabException($"There is no lab '{id}'. Labs: {others}. Next step: vio lab status.");
        }

        var runner = new ProcessRunner(TimeProvider.System);
        await LabBuilder.CheckMachineAsync(runner, cancel);
        var left = await new LabCleanup(runner, TimeProvider.System)
            .RunAsync(id ?? known[0], directory, cancel);
        var headline = $"lab {id ?? known[0]} is down, {left.LeftOver} things left over";
        Show(
            parsed,
            new { id = id ?? known[0], left_over = left.LeftOver, left = left.Describe() },
            string.Join('\n', left.Describe().Prepend(headline)));
        return left.LeftOver == 0 ? 0 : 1;
    }

    private static int Status(ParseResult parsed, CliHost host)
    {
        var labs = LabStatus.All(parsed.GetValue(Base)!);
        if (parsed.GetValue(AsJson))
        {
            Console.WriteLine(JsonSerializer.Serialize(labs, Json));
            return 0;
        }

        new Output(host, json: false).Result(labs, all => Tables.Of(
            all.SelectMany(lab => lab.Processes, (lab, process) => (Lab: lab, Process: process)),
            ("LAB", row => row.Lab.Id), ("PHASE", row => row.Lab.Phase), ("PROCESS", row => row.Process.Name),
            ("PID", row => $"{row.Process.Pid}"), ("STATE", row => row.Process.Alive ? "running" : "gone")));
        return 0;
    }

    private static void Show(ParseResult parsed, object value, string text) =>
        Console.WriteLine(parsed.GetValue(AsJson) ? JsonSerializer.Serialize(value, Json) : text);

    private static async Task<int> GuardAsync(Func<CancellationToken, Task<int>> action, CancellationToken cancel)
    {
        // SIGINT and SIGTERM arrive by the token; a closed terminal must not leave half a lab either.
        using var closed = new CancellationTokenSource();
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            closed.Cancel();
        });
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, closed.Token);
        try
        {
            return await action(either.Token);
        }
        catch (Exception failure) when (failure is LabException or ProcessFailedException)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return ExitCode.Failed;
        }
        catch (UsageException wrong)
        {
            await Console.Error.WriteLineAsync($"{wrong.Problem.Reason} {wrong.Problem.Remedy}");
            return wrong.Code;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(
                $"The lab's files cannot be written: {failure.Message} "
                + $"Next step: make {LabPlan.DefaultBaseDirectory} writable, with some space left.");
            return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Interrupted. Next step: vio lab status shows what runs.");
            return ExitCode.Failed;
        }
    }
}
