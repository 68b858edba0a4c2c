using Spectre.Console;
using Spectre.Console.Rendering;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;

namespace VioActors.Daemon.Cli.Live;

/// <summary>Draws a snapshot. Pure: the same snapshots and selection give the same screen.</summary>
internal sealed class SiteScreen(TimeProvider time)
{
    private const int MostRows = 8;
    private const int MostSlow = 3;

    /// <summary>The whole screen.</summary>
    /// <param name="now">What is shown.</param>
    /// <param name="before">For rates; null at first.</param>
    /// <param name="selected">Index of the dead letter that keys act on.</param>
    /// <param name="message">Result of the last key, or why there is nothing newer; empty for none.</param>
    public IRenderable Draw(SiteSnapshot now, SiteSnapshot? before, int selected, string message) => new Rows(
        Head(now), Titled("servers", Servers(now, before)), Shards(now.Cluster),
        Titled("slow actors, full mailboxes", Slow(now.Cluster)),
        Titled("operations", Tables.Operations(now.Operations.OrderBy(one => one.EndedAt is not null).Take(MostRows))),
        Titled("hosts", Tables.Hosts(now.Hosts.Take(MostRows))),
        Titled("environments", Tables.Environments(now.Environments.Take(MostRows))),
        Titled($"dead letters ({now.Cluster.DeadLetters})", Letters(now, selected)),
        new Text(Tables.Clean(message)), new Text("q quit   up, down select a dead letter   r retry it   d drop it"));

    private static Rows Slow(ClusterStatus cluster)
    {
        var found = SlowActors.Of(cluster, MostSlow);
        return new Rows(SlowVerb.Turns(found.Slow), SlowVerb.Mailboxes(found.Mailboxes));
    }

    private static Text Head(SiteSnapshot now)
    {
        var alive = now.Cluster.Servers.Count(one => one.Status != "dead");
        var serving = now.Cluster.Shards.Count(one => one.Loaded == true);
        return new Text(
            $"{alive} servers, {serving} of {now.Cluster.Shards.Length} shards serve, "
                + $"journal {now.Cluster.Generation}/{now.Cluster.Position}, "
                + $"{now.Environments.Length} environments, {now.Hosts.Length} hosts",
            new Style(decoration: Decoration.Bold));
    }

    private Table Servers(SiteSnapshot now, SiteSnapshot? before) => Tables.Of(
        now.Cluster.Servers,
        ("SERVER", one => one.IsSelf ? $"{one.Name} *" : one.Name), ("STATUS", one => one.Status),
        ("SHARDS", one => $"{one.Shards}"), ("ACTORS", one => $"{one.Stats?.LoadedActors}"),
        ("MAILBOX", one => $"{one.Stats?.MailboxDepth}"),
        ("TURNS/s", one => now.RateOf(one, before, time) is { } rate ? $"{rate.Turns:0}" : ""),
        ("COMMITS/s", one => now.RateOf(one, before, time) is { } rate ? $"{rate.Commits:0}" : ""),
        ("EFFECTS", one => $"{one.Stats?.EffectsRunning}"), ("AGENTS", one => $"{one.Stats?.Agents}"),
        ("WHY", one => one.Stats?.Reason));

    // One letter per shard: the initial of its owner, small while it is being loaded, '-' for nobody.
    private static Text Shards(ClusterStatus cluster)
    {
        var names = cluster.Servers.Select(one => one.Name).Distinct(StringComparer.Ordinal).ToList();
        var map = cluster.Shards.Select(shard => shard.Server is not { } owner ? '-'
            : (char)((shard.Loaded == true ? 'A' : 'a') + Math.Min(names.IndexOf(owner), 25)));
        var key = names.Select((name, place) => $"{(char)('A' + Math.Min(place, 25))} {name}");
        return new Text($"shards {string.Concat(map)}   {string.Join(", ", key)}, small: loading, -: nobody");
    }

    private static Table Letters(SiteSnapshot now, int selected)
    {
        var first = Math.Clamp(selected - (MostRows / 2), 0, Math.Max(0, now.Letters.Length - MostRows));
        return Tables.Of(
            now.Letters.Skip(first).Take(MostRows).Select((letter, place) => (Letter: letter, Place: first + place)),
            ("", one => one.Place == selected ? ">" : " "), ("ACTOR", one => one.Letter.Actor),
            ("MESSAGE", one => one.Letter.Name), ("FROM", one => one.Letter.Sender ?? one.Letter.By),
            ("AT", one => $"{one.Letter.At:yyyy-MM-dd HH:mm:ss}Z"), ("WHY", one => one.Letter.Reason));
    }

    private static Panel Titled(string title, IRenderable content) => new(content)
    {
        Header = new PanelHeader(Markup.Escape(title)),
        Expand = true,
    };
}
