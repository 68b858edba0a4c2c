using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Manager;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;
using VioActors.Contracts.Api;
using VioActors.Daemon.Server;
using VioActors.Daemon.Server.Adaptation;

namespace VioActors.Daemon.Api;

/// <summary>How the site adapts: what was planned and why, and what shall be done by itself.</summary>
internal static class AdaptRoutes
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/adapt", ShowAsync).WithMetadata(Access.SiteReaders).WithSummary("How the site adapts")
            .Produces<AdaptView>();
        api.MapPost("/adapt", SetAsync).WithMetadata(Access.Administrators)
            .WithSummary("Change mode, period or policy").Produces<AdaptView>();
        api.MapPost("/adapt/plans", PlanAsync).WithMetadata(Access.HostOperators)
            .WithSummary("Make a plan now; changes nothing").Produces<AdaptPlanView>();
        api.MapPost("/adapt/apply", ApplyAsync).WithMetadata(Access.Administrators)
            .WithSummary("Carry out the newest plan").Produces<PlanStarted>(StatusCodes.Status202Accepted);
        api.MapGet("/adapt/plans", HistoryAsync).WithMetadata(Access.SiteReaders)
            .WithSummary("Plans, the newest first").Produces<ImmutableArray<PlanLine>>();
        api.MapGet("/adapt/explain/{env}/{node}", ExplainAsync).WithMetadata(Access.SiteReaders)
            .WithSummary("Why a node changed, or did not, in the last round").Produces<ExplainView>();
        api.MapPost("/adapt/replay", ReplayAsync).WithMetadata(Access.SiteReaders)
            .WithSummary("Plan on a kept snapshot by another policy").Produces<ReplayView>();
        api.MapPut("/hosts/{host}/drain", DrainAsync).WithMetadata(Access.HostOperators)
            .WithSummary("Empty a host, or let nodes come again").Produces<AdaptView>();
    }

    private static async Task<IResult> ShowAsync(HttpContext context, SiteActors actors) =>
        TypedResults.Ok(AdaptViews.Of(await actors.AdaptationAsync(context.RequestAborted)));

    private static async Task<IResult> SetAsync(AdaptBody body, HttpContext context, SiteActors actors)
    {
        if (body is { Mode: null, PeriodSeconds: null, Paused: null, Policy: null })
            throw ProblemException.BadInput("Nothing to change was named.", "Name mode, periodSeconds or policy.");
        var ask = new SetAdaptation(body.Mode, body.PeriodSeconds, body.Paused, Checked(body.Policy));
        await actors.TellAsync(
            actors.AdaptationKey, ask, context.Caller(), context.IdempotencyKey(), context.RequestAborted);
        return await ShowAsync(context, actors);
    }

    private static async Task<IResult> PlanAsync(
        PlanBody body, HttpContext context, SiteActors actors, TimeProvider clock)
    {
        var (ask, cancel) = (new AskPlan(Checked(body.Policy)), context.RequestAborted);
        var accepted = await AskAsync(ask, context.Caller(), actors, clock, cancel);
        while (true)
        {
            var state = await actors.AdaptationAsync(cancel);
            if (state.LastRound is { } last && last.Round >= accepted.Round)
                return last.Refused is { } no && last.Round == accepted.Round
                    ? throw new ProblemException(
                        ProblemException.StatusOf(no.Code), new Problem(no.Code, no.Reason, no.Remedy))
                    : TypedResults.Ok(AdaptViews.Plan(state));
            await Task.Delay(LookEvery, clock, cancel);
        }
    }

    /// <summary>Waits while a round of the site's own goes on, as long as a request may last.</summary>
    private static async Task<RoundAccepted> AskAsync(
        AskPlan ask, Principal caller, SiteActors actors, TimeProvider clock, CancellationToken cancel)
    {
        while (true)
        {
            var result = await actors.TryAskAsync(actors.AdaptationKey, ask, caller, key: null, cancel);
            if (result.Reply is RoundAccepted accepted) return accepted;
            if (result.Refusal is { Code: not ManagerRefusals.RoundGoesOnCode } no) throw ProblemException.Of(no);
            if (result.Busy is { } busy) throw actors.NotTaken(busy);
            await Task.Delay(LookEvery, clock, cancel);
        }
    }

    private static async Task<IResult> ApplyAsync(ApplyPlanBody body, HttpContext context, SiteActors actors)
    {
        var accepted = await actors.AskAsync<PlanAccepted>(
            actors.AdaptationKey, new ApplyPlan(body.Plan), context.Caller(), context.IdempotencyKey(),
            context.RequestAborted);
        return TypedResults.Json(
            new PlanStarted(accepted.Plan, accepted.Changes), statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> HistoryAsync(HttpContext context, SiteActors actors, SnapshotFiles files) =>
        TypedResults.Ok((await actors.AdaptationAsync(context.RequestAborted)).History.Reverse()
            .Select(plan => AdaptViews.Line(plan, files.Has(plan.Digest))));

    private static async Task<IResult> ExplainAsync(
        string env, string node, HttpContext context, SiteActors actors, Lookup lookup, SnapshotFiles files)
    {
        var environment = await lookup.EnvironmentAsync(env, context.Caller(), context.RequestAborted);
        var id = Lookup.Node(environment, node).Id;
        var state = await actors.AdaptationAsync(context.RequestAborted);
        var last = state.LastRound ?? throw ProblemException.NotFound(
            "There was no round yet.", "Make a plan with 'vio adapt plan'.");
        var snapshot = await ReadAsync(files, last.Digest, $"of round {last.Round}", context);
        if (!snapshot.Nodes.ContainsKey(id))
            throw ProblemException.Conflict(
                "not-planned", $"Node {env}/{node} was not planned for in round {last.Round}: "
                    + "it did not run then, or its host was away.", "Make a new plan with 'vio adapt plan'.");
        return TypedResults.Ok(await Task.Run(
            () => Explanation.Of(state, last, snapshot, id), context.RequestAborted));
    }

    private static async Task<IResult> ReplayAsync(
        ReplayBody body, HttpContext context, SiteActors actors, SnapshotFiles files)
    {
        var state = await actors.AdaptationAsync(context.RequestAborted);
        var digest = body.Plan is not { } plan ? state.LastRound?.Digest
            : state.History.Find(one => one.Plan == plan)?.Digest ?? throw ProblemException.NotFound(
                $"There is no plan {plan} among the last {ManagerLimits.History}.",
                "List them with 'vio adapt history'.");
        var what = body.Plan is { } number ? $"of plan {number}" : "of the last round";
        var snapshot = await ReadAsync(files, digest, what, context);
        var policy = Checked(body.Policy) ?? state.Policy;
        if (PolicyOptions.Refuse(policy) is { } bad)
            throw ProblemException.BadInput(bad.Reason, bad.Remedy);
        return TypedResults.Ok(await Task.Run(
            () => Replay.Of(body.Plan ?? 0, digest!, snapshot, policy), context.RequestAborted));
    }

    private static async Task<IResult> DrainAsync(
        string host, HostDrainBody body, HttpContext context, SiteActors actors, Lookup lookup)
    {
        var member = await lookup.HostAsync(host, context.RequestAborted);
        await actors.TellAsync(
            actors.AdaptationKey, new CloseHost(member.Host, member.Name, body.Closed), context.Caller(),
            context.IdempotencyKey(), context.RequestAborted);
        return await ShowAsync(context, actors);
    }

    private static async Task<Snapshot> ReadAsync(
        SnapshotFiles files, string? digest, string what, HttpContext context)
    {
        try
        {
            return await Task.Run(() => digest is null ? null : files.Read(digest), context.RequestAborted)
                ?? throw ProblemException.NotFound(
                    $"The snapshot {what} is not kept by this server any more.",
                    "Make a new plan with 'vio adapt plan'; newer ones are kept.");
        }
        catch (InvalidDataException bad)
        {
            throw ProblemException.Conflict("bad-snapshot", bad.Message, "Make a new plan with 'vio adapt plan'.");
        }
    }

    /// <summary>Bounds what reaches the actor; whether the policy exists, it says.</summary>
    private static PolicyChoice? Checked(PolicyChoice? policy)
    {
        const int most = 100;
        return policy is null || (policy.Name.Length <= most && policy.Options.Count <= most
            && policy.Options.All(one => one.Key.Length <= most && one.Value is { Length: <= most }))
                ? policy
                : throw ProblemException.BadInput(
                    $"A policy has at most {most} options, each with {most} characters.", "Shorten it.");
    }
}
