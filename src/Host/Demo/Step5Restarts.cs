using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Demo;

/// <summary>Kills a switch: traffic is back. Kills an agent: traffic never stops.</summary>
internal static class Step5Restarts
{
    private static readonly TimeSpan BackTime = TimeSpan.FromSeconds(30);
    private const int Probe = 10;
    private const int AgentPings = 300;

    /// <summary>Runs it; gives its result in words.</summary>
    public static async Task<string> RunAsync(DemoContext demo, IStepView view, CancellationToken cancel)
    {
        var node = demo.NodeWith("vio.work=1");
        var host = await demo.HostOfAsync(node, cancel);
        var from = await demo.OtherHostAsync(host, cancel);
        var pings = new PingSeries(demo, demo.Astro.Name, node, from);
        var restored = demo.Site.HasGuests ? await SwitchAsync(demo, pings, host, view, cancel) : (double?)null;
        demo.Figures["switchd_restored_s"] =
            restored is { } seconds ? DemoFigures.Round(seconds) : DemoFigures.NotApplicable;

        view.At(0.6, $"the agent of {host} is killed");
        var during = await pings.DuringAsync(AgentPings, () => demo.Site.KillAgentAsync(host, cancel), cancel);
        var lost = during.Sent - during.Received;
        demo.Notes.Add(("pings lost while an agent was killed", $"{lost} of {during.Sent}"));
        DemoFailedException.Unless(
            lost == 0, $"{lost} of {during.Sent} pings were lost while the agent of {host} was killed.");
        await demo.WaitAsync(
            $"{host} to be connected again", BackTime,
            async () =>
            {
                var status = (await demo.Api.HostAsync(host, cancel)).Status;
                view.At(0.9, $"{host} is {status}");
                return status == "connected" ? null : status;
            },
            cancel);
        return restored is null
            ? $"agent killed: {lost} pings lost"
            : $"switch back after {restored:0.0} s; agent killed: {lost} pings lost";
    }

    // The short series right after the kill must lose pings: that is the control of the zero above.
    private static async Task<double> SwitchAsync(
        DemoContext demo, PingSeries pings, string host, IStepView view, CancellationToken cancel)
    {
        view.At(0.1, $"the switch of {host} is killed");
        await demo.Site.KillSwitchAsync(host, cancel);
        var killed = demo.Time.GetTimestamp();
        var lost = 0;
        await demo.WaitAsync(
            "traffic after the switch's restart", BackTime,
            async () =>
            {
                var figures = await pings.SeriesAsync(Probe, cancel);
                lost += figures.Sent - figures.Received;
                view.At(0.3, $"{lost} pings lost so far");
                return figures.Received == figures.Sent ? null : $"{figures.Received} of {figures.Sent} pings answered";
            },
            cancel);
        var seconds = demo.Time.GetElapsedTime(killed).TotalSeconds;
        demo.Notes.Add(("control: pings lost while a switch was down", $"{lost}"));
        DemoFailedException.Unless(lost > 0, $"No ping was lost although the switch of {host} was killed: was it?");
        return seconds;
    }
}
