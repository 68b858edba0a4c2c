using System.CommandLine;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;

namespace VioActors.Daemon.Cli;

/// <summary>
/// <c>vio connect ENV</c>: this machine as a node of an environment while the command runs; <c>vio disconnect ENV
/// NAME</c>: ends what a command that was killed left.
/// </summary>
internal static class ConnectVerbs
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan TimeToLeave = TimeSpan.FromSeconds(10);

    /// <summary>Builds <c>connect</c>.</summary>
    public static Command Connect(CliHost host)
    {
        var environment = EnvironmentArgument(host);
        var name = new Option<string?>("--name") { Description = "Its name there; default: the host's." };
        var on = new Option<string>("--host")
        {
            Description = "The host that this machine is; default: the machine's name.",
            HelpName = "host",
            DefaultValueFactory = _ => Environment.MachineName.ToLowerInvariant(),
            CompletionSources = { Completions.Hosts(host) },
        };
        var lease = new Option<int>("--lease")
        {
            Description = "Time without a sign of this command after which the site takes the machine out, 5s to 1h.",
            HelpName = "time",
            DefaultValueFactory = _ => MachineLease.UsualSeconds,
            CustomParser = OptionRules.Read(Lease),
        };
        return CliSession.Action(
            new Command("connect", "Makes this machine, a host with an agent, a node of an environment until Ctrl-C.")
            {
                environment, name, on, lease, CommonOptions.Json, CommonOptions.Server,
            },
            host,
            session => RunAsync(
                session, session.Parse.GetRequiredValue(environment),
                new MachineBody(session.Parse.GetRequiredValue(on), session.Parse.GetValue(name)),
                session.Parse.GetValue(lease)));
    }

    /// <summary>Builds <c>disconnect</c>.</summary>
    public static Command Disconnect(CliHost host)
    {
        var environment = EnvironmentArgument(host);
        var name = new Argument<string>("machine") { Description = "Its name there." };
        return CliSession.Action(
            new Command("disconnect", "Takes a machine out of an environment.")
            {
                environment, name, CommonOptions.Json, CommonOptions.Server,
            },
            host,
            async session =>
            {
                var gone = await session.Api.DisconnectAsync(
                    session.Parse.GetRequiredValue(environment), session.Parse.GetRequiredValue(name), session.Cancel);
                session.Out.Result(gone, machine => $"{machine.Name} is disconnected.");
                return ExitCode.Done;
            });
    }

    private static Argument<string> EnvironmentArgument(CliHost host) => new("environment")
    {
        Description = "Name or id of the environment.",
        CompletionSources = { Completions.Environments(host) },
    };

    private static int Lease(string text) =>
        Units.Seconds(text) is >= MachineLease.ShortestSeconds and <= MachineLease.LongestSeconds and var seconds
            ? seconds
            : throw new FormatException($"--lease {text} is out of range: 5s to 1h is allowed.");

    private static async Task<int> RunAsync(
        CliSession session, string environment, MachineBody body, int leaseSeconds)
    {
        // Interrupted, it is heard to its end: what the site did must be undone, and only what it did for this command.
        using var heard = new CancellationTokenSource(Patience, session.Host.Time);
        var machine = await session.Api.ConnectAsync(environment, body, leaseSeconds, heard.Token);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(session.Cancel);
        var kept = Renewals.KeepAsync(session, environment, machine, ending.Token);
        try
        {
            var shown = ShowAsync(session, machine, ending.Token);
            if (await Task.WhenAny(kept, shown) == shown && !await shown)
                return ExitCode.Failed;
            await kept;
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (session.Cancel.IsCancellationRequested)
        {
            return ExitCode.Done;
        }
        finally
        {
            await ending.CancelAsync();
            // Whom the site took out has nothing to leave; what has its name now is somebody else's.
            if (kept.Exception?.InnerException is not RefusedException)
            {
                using var limit = new CancellationTokenSource(TimeToLeave, session.Host.Time);
                await session.Api.DisconnectAsync(environment, machine.Name, limit.Token);
            }
        }
    }

    /// <summary>Says that the machine is connected when its interface came; false when it did not come.</summary>
    private static async Task<bool> ShowAsync(CliSession session, MachineView machine, CancellationToken cancel)
    {
        var started = session.Host.Time.GetTimestamp();
        while (!Directory.Exists("/sys/class/net/" + machine.Interface))
        {
            if (session.Host.Time.GetElapsedTime(started) > Patience)
            {
                session.Out.Failure(new Problem(
                    "no-interface", $"Interface {machine.Interface} did not come within {Patience.TotalSeconds} s.",
                    $"Run this on host {machine.Host}; see whether its agent is connected with 'vio host ls'."));
                return false;
            }

            await Task.Delay(Pause, session.Host.Time, cancel);
        }

        session.Out.Result(
            machine, got => $"{got.Name} is connected: {got.Interface} has {got.Address}. Ctrl-C ends it.");
        return true;
    }
}
