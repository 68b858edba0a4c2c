using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;
using VioActors.Daemon.Server;

namespace VioActors.Daemon.Api;

/// <summary>Commands to an environment that are answered with an operation.</summary>
internal static class Operations
{
    /// <summary>Asks under the caller's name and idempotency key.</summary>
    public static async Task<IResult> StartAsync(
        HttpContext context, SiteActors actors, EnvironmentId environment, object command)
    {
        var accepted = await actors.AskAsync<OperationAccepted>(
            SiteActors.Key(environment), command, context.Caller(), context.IdempotencyKey(), context.RequestAborted);
        return TypedResults.Json(new Accepted(accepted.Operation), statusCode: StatusCodes.Status202Accepted);
    }
}
