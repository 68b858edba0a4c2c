using VioActors.Actors.Host;
using VioActors.Actors.Site;
using VioActors.Actors.VirtualCluster;
using VioActors.Contracts;
using VioActors.Daemon.Api;
using VioActors.Runtime;

namespace VioActors.Daemon.Server;

/// <summary>
/// The actors of this site as the edge sees them: asks that end in a reply or a problem, and reads of states.
/// </summary>
internal sealed class SiteActors(ActorSystem system, SiteId site)
{
    private static readonly SiteState NoSite = new();

    /// <summary>The site.</summary>
    public SiteId Site { get; } = site;

    /// <summary>Whether requests are taken, and why not.</summary>
    public SystemStats Stats => system.Stats;

    /// <summary>Key of the site's actor.</summary>
    public ActorKey SiteKey { get; } = new(ActorKinds.Site, site.Value);

    /// <summary>Key of a host's actor.</summary>
    public static ActorKey Key(HostId host) => new(ActorKinds.Host, host.Value);

    /// <summary>Key of an environment's actor.</summary>
    public static ActorKey Key(EnvironmentId environment) => new(ActorKinds.Environment, environment.Value);

    /// <summary>Members, users, images and the directory.</summary>
    public async Task<SiteState> SiteAsync(CancellationToken cancel = default) =>
        await system.ReadAsync<SiteState>(SiteKey, cancel) ?? NoSite;

    /// <summary>An environment, deleted ones included; null when it never was.</summary>
    public Task<EnvironmentState?> EnvironmentAsync(EnvironmentId id, CancellationToken cancel = default) =>
        system.ReadAsync<EnvironmentState>(Key(id), cancel);

    /// <summary>A host; null before its first connection.</summary>
    public Task<HostState?> HostAsync(HostId id, CancellationToken cancel = default) =>
        system.ReadAsync<HostState>(Key(id), cancel);

    /// <summary>Every event after a position, then live.</summary>
    public IAsyncEnumerable<JournalEntry> Journal(long after, CancellationToken cancel) =>
        system.ReadJournal(after, cancel);

    /// <summary>Asks, and gives the raw result.</summary>
    public Task<AskResult> TryAskAsync(
        ActorKey to, object message, Principal by, string? key = null, CancellationToken cancel = default) =>
        system.AskAsync(to, message, by.ToString(), key, cancel);

    /// <summary>Asks for a reply of this type.</summary>
    /// <exception cref="ProblemException">The actor refused, or a limit is reached.</exception>
    public async Task<TReply> AskAsync<TReply>(
        ActorKey to, object message, Principal by, string? key = null, CancellationToken cancel = default)
        where TReply : class =>
        Done(await TryAskAsync(to, message, by, key, cancel)).Reply as TReply
        ?? throw new InvalidOperationException(
            $"{to} did not answer {message.GetType().Name} with {typeof(TReply).Name}.");

    /// <summary>Asks for something that has no reply.</summary>
    /// <exception cref="ProblemException">The actor refused, or a limit is reached.</exception>
    public async Task TellAsync(
        ActorKey to, object message, Principal by, string? key = null, CancellationToken cancel = default) =>
        Done(await TryAskAsync(to, message, by, key, cancel));

    /// <summary>
    /// What a request hears that was not taken: come again when a limit is reached, or the reason why this server does
    /// not serve, such as a full disk.
    /// </summary>
    public ProblemException NotTaken(Busy busy) => Stats.IsServing
        ? ProblemException.Of(busy)
        : ProblemException.Unavailable(new Failure(
            "not-serving", busy.Reason, "Nothing was changed; mend that, then send the same request again."));

    private AskResult Done(AskResult result) => result switch
    {
        { Refusal: { } refusal } => throw ProblemException.Of(refusal),
        { Busy: { } busy } => throw NotTaken(busy),
        _ => result,
    };
}
