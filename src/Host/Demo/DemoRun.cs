using VioActors.Contracts;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Demo;

/// <summary>
/// One run of the demo. Whatever happens (success, a step that does not hold, Ctrl-C), everything it made is taken down
/// and
/// what is left is counted.
/// </summary>
internal sealed class DemoRun(CliSession session, DemoOptions options, EnvironmentSpec spec)
{
    private static readonly TimeSpan DownTime = TimeSpan.FromSeconds(90);

    private static readonly (string Title, Func<DemoContext, IStepView, CancellationToken, Task<string>> Run)[] Steps =
    [
        ("create", Step1Create.RunAsync),
        ("isolate", Step2Isolation.RunAsync),
        ("move", Step3Move.RunAsync),
        ("kill the server", Step4ServerKill.RunAsync),
        ("kill switch, agent", Step5Restarts.RunAsync),
        ("rescale", Step6Rescale.RunAsync),
        ("delete", Step7Delete.RunAsync),
    ];

    private IDemoSite? _site;
    private DemoContext? _demo;
    private string? _failure;

    /// <summary>Runs all steps; gives the exit code, 0 only if all held.</summary>
    public async Task<int> RunAsync()
    {
        var started = session.Host.Time.GetTimestamp();
        try
        {
            var view = new DemoView(session.Out);
            await view.RunAsync([.. Steps.Select(step => step.Title).Prepend("lab")], RunStepsAsync);
        }
        finally
        {
            await CleanAsync();
        }

        var took = session.Host.Time.GetElapsedTime(started);
        new DemoReport(session.Out, options).Show(_site, _demo, _failure, took);
        return _failure is null ? ExitCode.Done : ExitCode.Failed;
    }

    private async Task RunStepsAsync(IReadOnlyList<IStepView> views)
    {
        if (!await StepAsync(views[0], () => UpAsync(views[0]))) return;
        for (var step = 0; step < Steps.Length; step++)
        {
            var (number, view) = (step, views[step + 1]);
            var cancel = session.Cancel;
            if (number == Steps.Length - 1 && options.Keep)
            {
                await LookAroundAsync();
                // The first Ctrl-C asked for this step; only another one interrupts it.
                cancel = session.Host.Interrupts.Second;
            }

            if (!await StepAsync(view, () => Steps[number].Run(_demo!, view, cancel))) return;
        }
    }

    private async Task<bool> StepAsync(IStepView view, Func<Task<string>> run)
    {
        try
        {
            view.At(0, "starts");
            view.End(held: true, await run());
            return true;
        }
        catch (OperationCanceledException) when (session.Cancel.IsCancellationRequested)
        {
            _failure = "Interrupted.";
        }
        catch (Exception failed) when (failed is DemoFailedException or CliException || DemoSites.IsFailure(failed))
        {
            _failure = failed.Message;
        }

        view.End(held: false, _failure);
        return false;
    }

    private async Task<string> UpAsync(IStepView view)
    {
        _site = await DemoSites.UpAsync(options, view, session.Host.Time, session.Cancel);
        var api = new ApiClient(new ApiConnection(_site.Address, RetryPolicy.Patient, session.Host.Time));
        _demo = new DemoContext(_site, api, spec, session.Host.Time);
        await _site.AddImagesAsync(api, view, session.Cancel);
        var hosts = await api.HostsAsync(session.Cancel);
        return $"{hosts.Length} hosts, {string.Join(", ", hosts.Select(host => host.Facts?.Hypervisor).Distinct())}";
    }

    private async Task LookAroundAsync()
    {
        session.Out.Note(
            $"Everything is up. Look around, for example: vio env ls --server {_site!.Address.Uri.OriginalString}");
        session.Out.Note("Press Ctrl-C to delete everything.");
        await Task.Delay(Timeout.InfiniteTimeSpan, session.Host.Time, session.Cancel)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task CleanAsync()
    {
        if (_site is null) return;
        using var deadline = new CancellationTokenSource(DownTime, session.Host.Time);
        _demo?.Api.Dispose();
        try
        {
            var left = await _site.DownAsync(deadline.Token);
            if (_demo is not null) _demo.Figures["left_over"] = left.Count;
            if (left.Count > 0) _failure ??= $"{left.Count} things are left over: {string.Join(", ", left.What)}.";
        }
        catch (Exception failed) when (failed is OperationCanceledException || DemoSites.IsFailure(failed))
        {
            _failure ??= $"Cleaning up failed: {failed.Message} Next step: vio lab down.";
        }

        await _site.DisposeAsync();
    }
}
