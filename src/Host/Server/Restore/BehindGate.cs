using System.Collections.Immutable;
using VioActors.Contracts.Api;
using VioActors.Daemon.Api;

namespace VioActors.Daemon.Server.Restore;

/// <summary>Marks an endpoint that changes nothing in the actors, whatever its method is.</summary>
internal sealed class AllowedBehind
{
    /// <summary>The mark.</summary>
    public static AllowedBehind Mark { get; } = new();
}

/// <summary>Refuses every change of the site while the store knows less than somebody has seen.</summary>
internal sealed class BehindGate(RequestDelegate next, StoreGuard guard)
{
    /// <summary>Passes the request on, or refuses it.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var (method, metadata) = (context.Request.Method, context.GetEndpoint()?.Metadata);
        return guard.Behind is not { } behind || HttpMethods.IsGet(method) || HttpMethods.IsHead(method)
            || context.Door() == Door.Fabric || metadata?.GetMetadata<AllowedBehind>() is not null
            ? next(context)
            : throw new ProblemException(StatusCodes.Status409Conflict, new Problem(
                behind.Why.Code, behind.Why.Reason, behind.Why.Remedy, FactsOf(behind)));
    }

    private static ImmutableSortedDictionary<string, string> FactsOf(StoreBehind behind) =>
        ImmutableSortedDictionary<string, string>.Empty
            .Add("witness", behind.Witness)
            .Add("generation", $"{behind.Seen.Generation}")
            .Add("position", $"{behind.Seen.Position}");
}
