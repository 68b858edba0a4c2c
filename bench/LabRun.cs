using VioActors.Daemon.Cli;
using VioActors.Daemon.Demo;

namespace VioActors.Bench;

/// <summary>Runs a measurement in a real lab, which is taken down afterwards whatever happened.</summary>
internal static class LabRun
{
    private static readonly TimeSpan DownTime = TimeSpan.FromSeconds(90);

    /// <summary>The figures; what fails, and what is left over, becomes their failure.</summary>
    /// <exception cref="BenchException">There can be no lab here, or nothing was measured.</exception>
    public static async Task<Figures> RunAsync(BenchRun run, Func<IDemoSite, ApiClient, Task<Figures>> measure)
    {
        if (!Environment.IsPrivilegedProcess)
            throw new BenchException("This needs a real lab, and a lab needs root. Next step: run it as root.");
        IDemoSite? site = null;
        Figures? figures = null;
        string? failure = null;
        try
        {
            site = await DemoSites.UpAsync(
                new DemoOptions(Json: true, Simulated: false, Keep: false, File: null), new NotedSteps(run), run.Time,
                run.Cancel);
            using var api = new ApiClient(new ApiConnection(site.Address, RetryPolicy.Patient, run.Time));
            await site.AddImagesAsync(api, new NotedSteps(run), run.Cancel);
            figures = await measure(site, api);
        }
        catch (Exception failed) when (failed is DemoFailedException or CliException || DemoSites.IsFailure(failed))
        {
            failure = failed.Message;
        }
        finally
        {
            if (site is not null) failure = await DownAsync(run, site) ?? failure;
        }

        if (figures is null) throw new BenchException(failure ?? "The lab did not come up.");
        figures.Failure ??= failure;
        return figures;
    }

    private static async Task<string?> DownAsync(BenchRun run, IDemoSite site)
    {
        using var deadline = new CancellationTokenSource(DownTime, run.Time);
        try
        {
            run.Note("the lab goes down");
            var left = await site.DownAsync(deadline.Token);
            return left.Count == 0 ? null : $"{left.Count} things are left over: {string.Join(", ", left.What)}.";
        }
        catch (Exception failed) when (failed is OperationCanceledException || DemoSites.IsFailure(failed))
        {
            return $"Cleaning up failed: {failed.Message} Next step: vio lab down.";
        }
        finally
        {
            await site.DisposeAsync();
        }
    }

    private sealed class NotedSteps(BenchRun run) : IStepView
    {
        private string _shown = "";

        public void At(double done, string text)
        {
            if (text != _shown) run.Note(Tables.Clean(text));
            _shown = text;
        }

        public void End(bool held, string result) => run.Note(Tables.Clean(result));
    }
}
