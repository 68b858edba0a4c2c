using VioActors.Actors.Adaptation.Manager;
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
internal sealed class SiteActors(ActorSystem system, SiteId site, TimeProvider clock)
{
    /// <summary>How long a request waits while the shard of its actor is on the way to another server.</summary>
    private static readonly TimeSpan TakeoverWait = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);
    private static readonly SiteState NoSite = new();
    private static readonly AdaptationState NoAdaptation = new();

    /// <summary>The site.</summary>
    public SiteId Site { get; } = site;

    /// <summary>Whether requests are taken, and why not.</summary>
    public SystemStats Stats => system.Stats;

    /// <summary>Key of the site's actor.</summary>
    public ActorKey SiteKey { get; } = new(ActorKinds.Site, site.Value);

    /// <summary>Key of the actor that manages adaptation.</summary>
    public ActorKey AdaptationKey { get; } = new(ActorKinds.Adaptation, site.Value);

    /// <summary>Key of a host's actor.</summary>
    public static ActorKey Key(HostId host) => new(ActorKinds.Host, host.Value);

    /// <summary>Key of an environment's actor.</summary>
    public static ActorKey Key(EnvironmentId environment) => new(ActorKinds.Environment, environment.Value);

    /// <summary>Members, users, images and the directory.</summary>
    public async Task<SiteState> SiteAsync(CancellationToken cancel = default) =>
        await ReadAsync<SiteState>(SiteKey, cancel) ?? NoSite;

    /// <summary>An environment, deleted ones included; null when it never was.</summary>
    public Task<EnvironmentState?> EnvironmentAsync(EnvironmentId id, CancellationToken cancel = default) =>
        ReadAsync<EnvironmentState>(Key(id), cancel);

    /// <summary>A host; null before its first connection.</summary>
    public Task<HostState?> HostAsync(HostId id, CancellationToken cancel = default) =>
        ReadAsync<HostState>(Key(id), cancel);

    /// <summary>The site's manager of adaptation.</summary>
    public async Task<AdaptationState> AdaptationAsync(CancellationToken cancel = default) =>
        await ReadAsync<AdaptationState>(AdaptationKey, cancel) ?? NoAdaptation;

    /// <summary>Every event after a position, then live.</summary>
    public IAsyncEnumerable<JournalEntry> Journal(long after, CancellationToken cancel) =>
        system.ReadJournal(after, cancel);

    /// <summary>The epoch under which this server owns the host's actor; null while it does not.</summary>
    public long? EpochOf(HostId host) => system.EpochOf(Key(host));

    /// <summary>Completes when this server gains or loses actors.</summary>
    public Task OwnershipChanged => system.OwnershipChanged;

    /// <summary>Waits until requests are taken, or for as long as a takeover may last.</summary>
    public async Task ServingAsync(CancellationToken cancel)
    {
        for (var start = clock.GetTimestamp(); !Stats.IsServing && clock.GetElapsedTime(start) < TakeoverWait;)
            await Task.Delay(LookEvery, clock, cancel);
    }

    /// <summary>Asks, and gives the raw result; while the actor moves to another server, again for a while.</summary>
    public async Task<AskResult> TryAskAsync(
        ActorKey to, object message, Principal by, string? key = null, CancellationToken cancel = default)
    {
        for (var start = clock.GetTimestamp(); ;)
        {
            var result = await system.AskAsync(to, message, by.ToString(), key, cancel);
            if (!result.IsElsewhere || clock.GetElapsedTime(start) > TakeoverWait)
                return result;
            await Task.Delay(LookEvery, clock, cancel);
        }
    }

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

    private async Task<TState?> ReadAsync<TState>(ActorKey actor, CancellationToken cancel) where TState : class
    {
        for (var start = clock.GetTimestamp(); ;)
        {
            try
            {
                return await system.ReadAsync<TState>(actor, cancel);
            }
            catch (NotServingException) when (system.IsAmongSeveral && clock.GetElapsedTime(start) < TakeoverWait)
            {
                await Task.Delay(LookEvery, clock, cancel);
            }
        }
    }

    private AskResult Done(AskResult result) => result switch
    {
        { Refusal: { } refusal } => throw ProblemException.Of(refusal),
        { Busy: { } busy } => throw NotTaken(busy),
        _ => result,
    };
}
