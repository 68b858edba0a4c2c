using System.CommandLine;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary><c>vio cluster</c>: the site's servers and what they own.</summary>
internal static class ClusterVerbs
{
    private static readonly Argument<string> Server = new("server") { Description = "Name of the server." };

    /// <summary>Builds the verbs.</summary>
    public static Command Create(CliHost host) => CommonOptions.Group(
        "cluster", "The site's servers: shards, actors, journal, dead letters.",
        Status(host), Nodes(host), Shards(host), SlowVerb.Create(host), Actor(host), JournalVerb.Create(host),
        DeadLetterVerbs.Create(host), Drain(host), Down(host));

    private static Command Status(CliHost host) => CliSession.Action(
        new Command("status", "Shows in one look whether all is well; exit code 1 when it is not."), host,
        async session =>
        {
            var look = await session.Api.Cluster.LookAsync(session.Cancel);
            session.Out.Result(look, Facts);
            return Troubles(look).Any() ? ExitCode.Failed : ExitCode.Done;
        });

    private static Command Nodes(CliHost host) => CliSession.Action(
        new Command("nodes", "Lists servers with what they own and do."), host, async session =>
        {
            var look = await session.Api.Cluster.LookAsync(session.Cancel);
            session.Out.Result(look.Servers, servers => Tables.Of(
                servers,
                ("SERVER", one => one.IsSelf ? $"{one.Name} *" : one.Name), ("STATUS", one => one.Status),
                ("SHARDS", one => $"{one.Shards}"), ("ACTORS", one => $"{one.Stats?.LoadedActors}"),
                ("MAILBOX", one => $"{one.Stats?.MailboxDepth}"), ("TURNS", one => $"{one.Stats?.Turns}"),
                ("COMMITS", one => $"{one.Stats?.Commits}"), ("EFFECTS", one => $"{one.Stats?.EffectsRunning}"),
                ("AGENTS", one => $"{one.Stats?.Agents}"), ("ADDRESS", one => one.Address),
                ("SINCE", one => $"{one.Since:yyyy-MM-dd HH:mm:ss}Z"), ("WHY", one => one.Stats?.Reason)));
            return ExitCode.Done;
        });

    private static Command Shards(CliHost host) => CliSession.Action(
        new Command("shards", "Lists shards with their owners."), host, async session =>
        {
            var look = await session.Api.Cluster.LookAsync(session.Cancel);
            session.Out.Result(look.Shards, shards => Tables.Of(
                shards,
                ("SHARD", one => $"{one.Shard}"), ("SERVER", one => one.Server ?? "nobody"),
                ("STATUS", one => one.Loaded switch { true => "serving", false => "loading", null => "unknown" }),
                ("TURNS/s", one => $"{one.Rate}")));
            return ExitCode.Done;
        });

    private static Command Actor(CliHost host)
    {
        var actor = new Argument<string>("actor") { Description = "The actor, kind/id, as the journal names it." };
        return CliSession.Action(
            new Command("actor", "Shows the committed state of one actor.") { actor }, host, async session =>
            {
                var key = session.Parse.GetRequiredValue(actor);
                if (key.IndexOf('/', StringComparison.Ordinal) is not (> 0 and var slash) || slash == key.Length - 1)
                    throw new UsageException($"'{key}' is no actor.", "Write kind/id, as 'vio cluster journal' does.");
                var view = await session.Api.Cluster.ActorAsync(key[..slash], key[(slash + 1)..], session.Cancel);
                session.Out.Result(view, shown => Tables.Facts(
                    ("actor", shown.Actor), ("shard", $"{shown.Shard}"), ("server", shown.Server),
                    ("waiting", shown.Waiting is { } depth ? $"{depth} messages" : "few or none"),
                    ("longest turn", shown.Slow is { } slow
                        ? $"{slow.Ms:0.0} ms, {slow.Message}" : "not among the longest"),
                    ("state", shown.State is { } state ? Tables.Indented(state) : "none: it has no history")));
                return ExitCode.Done;
            });
    }

    private static Command Drain(CliHost host)
    {
        var undo = new Option<bool>("--undo") { Description = "Let it take shards again." };
        return CliSession.Action(
            new Command("drain", "Gives a server's shards to the others, before its machine is worked on.")
            {
                Server, undo,
            }, host,
            async session =>
            {
                var (server, isDraining) = (
                    session.Parse.GetRequiredValue(Server), !session.Parse.GetValue(undo));
                await session.Api.Cluster.DrainAsync(server, isDraining, session.Cancel);
                session.Out.Result(new { server, isDraining }, _ => isDraining
                    ? $"{server} gives its shards to the others; watch it with: vio cluster nodes"
                    : $"{server} takes shards again.");
                return ExitCode.Done;
            });
    }

    private static Command Down(CliHost host) => CliSession.Action(
        new Command("down", "States that a server is dead, so that the others need not wait for its lease. Safe when "
            + "it lives: it can write nothing any more.")
        {
            Server,
        }, host,
        async session =>
        {
            var server = session.Parse.GetRequiredValue(Server);
            await session.Api.Cluster.DownAsync(server, session.Cancel);
            session.Out.Result(new { down = server }, _ => $"{server} counts as dead; its shards are free.");
            return ExitCode.Done;
        });

    private static Spectre.Console.Grid Facts(ClusterStatus look) => Tables.Facts(
        ("servers", $"{look.Servers.Count(one => one.Status != "dead")} alive: "
            + string.Join(", ", look.Servers.Where(one => one.Status != "dead").Select(one =>
                $"{one.Name} {one.Status}"))),
        ("shards", $"{look.Shards.Count(shard => shard.Loaded == true)} of {look.Shards.Length} serving"),
        ("journal", $"generation {look.Generation}, position {look.Position}"),
        ("dead letters", $"{look.DeadLetters}"),
        ("slowest turn", SlowActors.Of(look, 1).Slow is [var slow]
            ? $"{slow.Actor}, {slow.Ms:0.0} ms: vio cluster slow" : "none yet"),
        ("longest mailbox", SlowActors.Of(look, 1).Mailboxes is [var full]
            ? $"{full.Actor}, {full.Waiting} messages: vio cluster slow" : "none over 8 messages"),
        ("trouble", string.Join("; ", Troubles(look).DefaultIfEmpty("none"))));

    private static IEnumerable<string> Troubles(ClusterStatus look)
    {
        foreach (var server in look.Servers.Where(one => one.Status is "troubled" or "unreachable"))
            yield return server.Stats is { } stats
                ? $"{server.Name}: {stats.Reason}" : $"{server.Name} cannot be reached from here";
        var waiting = look.Shards.Count(shard => shard.Loaded != true);
        if (waiting > 0)
            yield return $"{waiting} shards do not serve";
        if (look.DeadLetters > 0)
            yield return $"{look.DeadLetters} dead letters: vio cluster deadletters ls";
        foreach (var stopped in look.Servers.SelectMany(one => one.Stats?.Quarantined.Keys ?? []))
            yield return $"{stopped} has stopped: vio cluster actor {stopped}";
    }
}
