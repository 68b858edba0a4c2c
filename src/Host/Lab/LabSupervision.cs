using System.Diagnostics;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Lab;

/// <summary>
/// The background process behind <c>vio lab up</c>: started in its own session, it outlives the command.
/// </summary>
internal sealed class LabSupervision(TimeProvider time)
{
    /// <summary>The hidden verb that the background process runs.</summary>
    public const string Verb = "supervise";

    private static readonly TimeSpan UpTime = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan DownTime = TimeSpan.FromSeconds(60);

    /// <summary>Starts the background process and waits until its lab is up.</summary>
    /// <exception cref="LabException">It ended before; the message holds what it said.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing of the lab is left.</exception>
    public async Task StartAsync(LabOptions options, CancellationToken cancel)
    {
        var plan = LabPlan.From(options, [0], Accounts.UsedIds());
        var runner = new ProcessRunner(time);
        await LabBuilder.CheckMachineAsync(runner, cancel);
        if (LabRecord.Load(plan.Root) is not null)
        {
            throw new LabException(
                $"Lab {plan.Id} exists. Next step: vio lab down --id {plan.Id}, or take another id.");
        }

        Directory.CreateDirectory(options.BaseDirectory);
        var log = LabPlan.LogOf(plan.Root);
        // Opened before the lab writes there: one that fails removes its log together with everything else.
        await using var said = new FileStream(
            log, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var start = new ProcessStartInfo("sh", LabSupervisor.Enter(log, [], CommandFor(options)));
        using var background = Process.Start(start) ?? throw new LabException("sh could not be started");
        var signals = new Signals(runner, time);
        try
        {
            await signals.WaitAsync(() => IsUp(plan) || background.HasExited, UpTime, cancel);
            if (IsUp(plan)) return;
            await EndAsync(background, signals, options);
        }
        catch (OperationCanceledException)
        {
            await EndAsync(background, signals, options);
            throw;
        }

        using var reader = new StreamReader(said);
        throw new LabException(
            $"Lab {plan.Id} did not come up: {(await reader.ReadToEndAsync(CancellationToken.None)).Trim()}");
    }

    /// <summary>The background process itself: brings the lab up and keeps it until it is told to end.</summary>
    /// <param name="options">The lab.</param>
    /// <param name="populate">Starts what runs in the machines besides libvirtd.</param>
    /// <param name="progress">Lines for the log.</param>
    /// <param name="cancel">Fires at SIGTERM or SIGINT.</param>
    public async Task<int> RunAsync(
        LabOptions options, LabPopulate populate, IProgress<LabEvent> progress, CancellationToken cancel)
    {
        await using var lab = await new LabFactory(time).UpAsync(options, populate, progress, cancel);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancel);
        }
        catch (OperationCanceledException)
        {
            // The end of a lab's life; disposing takes it down.
        }

        return 0;
    }

    private static bool IsUp(LabPlan plan) => LabRecord.Load(plan.Root)?.Phase == "up";

    private async Task EndAsync(Process background, Signals signals, LabOptions options)
    {
        // A request first: it knows what it has just begun to make and waits for that before it cleans.
        if (!background.HasExited && PidRecord.Of(background.Id) is { } record)
        {
            await signals.TerminateAsync(record);
            if (!await signals.WaitAsync(() => background.HasExited, DownTime)) background.Kill();
        }

        await new LabCleanup(new ProcessRunner(time), time)
            .RunAsync(options.Id, options.BaseDirectory, CancellationToken.None);
    }

    private static IEnumerable<string> CommandFor(LabOptions options)
    {
        var program = Environment.ProcessPath ?? throw new LabException("the executable's own path is unknown");
        string[] self = Path.GetFileNameWithoutExtension(program) == "vio"
            ? [program]
            : [program, Path.Combine(AppContext.BaseDirectory, "vio.dll")];
        return
        [
            .. self, "lab", Verb, "--id", options.Id, "--hosts", $"{options.Hosts}", "--base", options.BaseDirectory,
        ];
    }
}
