using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;
using VioActors.Daemon.Server;
using VioActors.Daemon.Server.Agents;

namespace VioActors.Daemon.Api;

/// <summary>What hosts and nodes use now, asked of the agents; nothing of it is stored.</summary>
internal static class SampleRoutes
{
    private const int MostSeconds = 7200;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/hosts/{host}/samples", OfHostAsync).WithMetadata(Access.SiteReaders)
            .WithSummary("What a host and its nodes used lately").Produces<HostSamples>();
        api.MapGet("/samples", AllAsync).WithMetadata(Access.Readers)
            .WithSummary("What the nodes you may see used lately, and for who sees the site its hosts")
            .Produces<SamplesView>();
    }

    private static async Task<IResult> OfHostAsync(
        string host, HttpContext context, Lookup lookup, SampleReader reader, int seconds = 10)
    {
        var id = (await lookup.HostAsync(host, context.RequestAborted)).Host;
        try
        {
            return TypedResults.Ok(await reader.ReadAsync(id, Length(seconds), Limit, context.RequestAborted));
        }
        catch (SamplesMissingException missing)
        {
            throw ProblemException.Unavailable(missing.Why);
        }
    }

    private static async Task<IResult> AllAsync(
        HttpContext context, SiteActors actors, Lookup lookup, Views views, SampleReader reader, TimeProvider clock,
        string? environment = null, string? host = null, int seconds = 10)
    {
        var (caller, cancel) = (context.Caller(), context.RequestAborted);
        var length = Length(seconds);
        var site = await actors.SiteAsync(cancel);
        var only = host is null ? (HostId?)null : Lookup.Host(site, host).Host;
        var nodes = (await NodeRoutes.VisibleAsync(environment, caller, actors, lookup, views, cancel))
            .Where(node => only is null || node.Host == only).ToImmutableArray();
        var seesHosts = environment is null && Access.SiteReaders.Roles.Contains(caller.Role);
        var hosts = only is { } one ? [one]
            : seesHosts ? site.Members.Keys
            : nodes.Select(node => node.Host).OfType<HostId>().Distinct();
        var looks = await Task.WhenAll(hosts.Select(id => TryAsync(reader, id, length, cancel)));
        string NameOf(HostId id) => site.Members.TryGetValue(id, out var member) ? member.Name : id.Value;
        // A node's samples are those of the host it is on: what another says of it is old, or not its business.
        var samples = looks.SelectMany(look => (look.Samples?.Nodes ?? []).Select(one => (look.Host, Node: one)))
            .ToLookup(one => (one.Host, one.Node.Node), one => one.Node.Newest);
        return TypedResults.Ok(new SamplesView(
            clock.GetUtcNow(),
            seesHosts
                ? [.. looks.Where(look => look.Samples is not null)
                    .Select(look => new HostLoadView(look.Host, NameOf(look.Host), look.Samples!.Host))
                    .OrderBy(look => look.Name, StringComparer.Ordinal)]
                : [],
            [
                .. nodes.Select(node => new NodeLoadView(
                    node.Id, node.Name, node.Environment, node.HostName, node.Vcpus,
                    node.Host is { } at ? samples[(at, node.Id)].FirstOrDefault([]) : [])),
            ],
            [
                .. looks.Where(look => look.Why is not null)
                    .Select(look => new MissingSamples(NameOf(look.Host), look.Why!)),
            ]));
    }

    private static TimeSpan Length(int seconds) => seconds is >= 1 and <= MostSeconds
        ? TimeSpan.FromSeconds(seconds)
        : throw ProblemException.BadInput(
            $"seconds {seconds} must be 1 to {MostSeconds}.", "Choose a number in range.");

    private static async Task<(HostId Host, HostSamples? Samples, Failure? Why)> TryAsync(
        SampleReader reader, HostId host, TimeSpan length, CancellationToken cancel)
    {
        try
        {
            return (host, await reader.ReadAsync(host, length, Limit, cancel), null);
        }
        catch (SamplesMissingException missing)
        {
            return (host, null, missing.Why);
        }
    }
}
