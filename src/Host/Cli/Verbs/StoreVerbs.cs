using System.CommandLine;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary><c>vio store</c>: copies of the store, putting one back, looking it over.</summary>
internal static class StoreVerbs
{
    /// <summary>Builds the verbs.</summary>
    public static Command Create(CliHost host) => CommonOptions.Group(
        "store", "The site's store: how far it is, copies, what to do after a copy was put back.",
        Show(host), Check(host), StoreCopyVerbs.Backup(host), StoreCopyVerbs.Restore(host), Adopt(host));

    private static Command Show(CliHost host) => CliSession.Action(
        new Command("show", "Shows how far the store is; exit code 1 while it knows less than somebody has seen."),
        host, async session =>
        {
            var look = await session.Api.Store.LookAsync(session.Cancel);
            session.Out.Result(look, Facts);
            return look.Behind is null ? ExitCode.Done : ExitCode.Failed;
        });

    private static Command Check(CliHost host) => CliSession.Action(
        new Command("check", "Looks the store over while it is used; exit code 1 when something is wrong."), host,
        async session =>
        {
            var report = await session.Api.Store.CheckAsync(session.Cancel);
            if (report.Findings.IsEmpty)
                session.Out.Result(report, one => $"{one.Events} events of {one.Actors} actors, {one.Waiting} "
                    + "messages, timers and effects that wait: nothing is wrong.");
            else
                session.Out.Result(report, one => Tables.Of(
                    one.Findings, ("CHECK", f => f.Check), ("SUBJECT", f => f.Subject), ("FINDING", f => f.What)));
            return report.Findings.IsEmpty ? ExitCode.Done : ExitCode.Failed;
        });

    private static Command Adopt(CliHost host)
    {
        var yes = new Option<bool>("--yes")
        {
            Description = "Do it; without this the command only says what it means.",
        };
        return CliSession.Action(
            new Command("adopt", "Lets the store count from now on, after an older copy was put back. What came after "
                + "the copy is lost; machines that the copy does not know stay as they are.") { yes },
            host, async session =>
            {
                if (!session.Parse.GetValue(yes))
                    throw new UsageException(
                        await MeaningAsync(session), "Run 'vio store adopt --yes' to do it.");
                var adopted = await session.Api.Store.AdoptAsync(session.Cancel);
                session.Out.Result(adopted, one =>
                    $"The store counts from position {one.Position} on, as generation {one.Generation}.");
                return ExitCode.Done;
            });
    }

    private static async Task<string> MeaningAsync(CliSession session)
    {
        var look = await session.Api.Store.LookAsync(session.Cancel);
        var away = (await session.Api.HostsAsync(session.Cancel)).Where(one => one.Status != "connected")
            .Select(one => one.Name).ToList();
        return (look.Behind is { } behind ? $"{behind.Reason} Adopting gives up all that came after the copy."
                : "Nobody saw more than the store has, so there is nothing to give up.")
            + (away.Count == 0 ? ""
                : $" Hosts that are away: {string.Join(", ", away)}; what runs there is not known.");
    }

    private static Spectre.Console.Grid Facts(StoreView look) => Tables.Facts(
        ("store", look.Kind), ("journal", $"generation {look.Generation}, position {look.Position}"),
        ("adopted", look.Adopted == 0 ? "never" : $"generation {look.Adopted}"),
        ("trouble", look.Behind?.ToString() ?? "none"));
}
