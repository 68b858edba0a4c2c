using System.Collections.Immutable;
using VioActors.Contracts.Adaptation;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary>The part of the API about adaptation.</summary>
internal sealed class AdaptApi(ApiConnection connection)
{
    /// <summary>How the site adapts.</summary>
    public Task<AdaptView> ShowAsync(CancellationToken cancel) => connection.GetAsync<AdaptView>("adapt", cancel);

    /// <summary>Changes that.</summary>
    public Task<AdaptView> SetAsync(AdaptBody body, CancellationToken cancel) =>
        connection.ChangeAsync<AdaptView>(HttpMethod.Post, "adapt", body, cancel);

    /// <summary>Makes a plan.</summary>
    public Task<AdaptPlanView> PlanAsync(PolicyChoice? policy, CancellationToken cancel) =>
        connection.ChangeAsync<AdaptPlanView>(HttpMethod.Post, "adapt/plans", new PlanBody(policy), cancel);

    /// <summary>Carries the newest plan out.</summary>
    public Task<PlanStarted> ApplyAsync(long? plan, CancellationToken cancel) =>
        connection.ChangeAsync<PlanStarted>(HttpMethod.Post, "adapt/apply", new ApplyPlanBody(plan), cancel);

    /// <summary>Plans, the newest first.</summary>
    public Task<ImmutableArray<PlanLine>> HistoryAsync(CancellationToken cancel) =>
        connection.GetAsync<ImmutableArray<PlanLine>>("adapt/plans", cancel);

    /// <summary>Why a node changed, or did not.</summary>
    public Task<ExplainView> ExplainAsync(string environment, string node, CancellationToken cancel) =>
        connection.GetAsync<ExplainView>(
            $"adapt/explain/{ApiClient.Escape(environment)}/{ApiClient.Escape(node)}", cancel);

    /// <summary>Plans on a kept snapshot by another policy.</summary>
    public Task<ReplayView> ReplayAsync(long? plan, PolicyChoice? policy, CancellationToken cancel) =>
        connection.ChangeAsync<ReplayView>(HttpMethod.Post, "adapt/replay", new ReplayBody(plan, policy), cancel);

    /// <summary>Empties a host, or lets nodes come again.</summary>
    public Task<AdaptView> DrainAsync(string host, bool closed, CancellationToken cancel) =>
        connection.ChangeAsync<AdaptView>(
            HttpMethod.Put, $"hosts/{ApiClient.Escape(host)}/drain", new HostDrainBody(closed), cancel);
}
