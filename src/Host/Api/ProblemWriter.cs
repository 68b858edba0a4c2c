using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Daemon.Server.Agents;
using VioActors.Runtime;

namespace VioActors.Daemon.Api;

/// <summary>Turns every way a request can fail into a status and one body. The outermost part of the pipeline.</summary>
internal sealed class ProblemWriter(RequestDelegate next, ILogger<ProblemWriter> log)
{
    /// <summary>Runs the request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            if (context.RequestAborted.IsCancellationRequested)
                return;
            await WriteAsync(context, Explain(error, context));
        }
    }

    /// <summary>Writes the answer of a failed request.</summary>
    public static Task WriteAsync(HttpContext context, ProblemException answer)
    {
        context.Response.Clear();
        context.Response.StatusCode = answer.Status;
        if (answer.RetryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString();
        if (answer.Status == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        return context.Response.WriteAsJsonAsync(answer.Problem, Wire.Json, "application/problem+json");
    }

    private ProblemException Explain(Exception error, HttpContext context)
    {
        switch (error)
        {
            case ProblemException known:
                return known;
            case BadHttpRequestException bad:
                return new ProblemException(bad.StatusCode, new Problem(
                    "bad-input", $"The request cannot be read: {(bad.InnerException as JsonException ?? (Exception)bad).Message}",
                    "Correct the request; /api/v1/openapi/v1.json describes it."));
            case AgentLostException or TimeoutException:
                return ProblemException.Unavailable(new Failure(
                    FailureCode.HostUnreachable, error.Message, "Look with 'vio host ls' and try again."));
            case NotServingException or ActorQuarantinedException or StoreUnavailableException:
                return ProblemException.Unavailable(new Failure(
                    "not-serving", error.Message, "Look with GET /api/v1/health and try again."));
            case OutcomeUnknownException:
                return ProblemException.Unavailable(new Failure(
                    "outcome-unknown", error.Message, "Send it again under the same Idempotency-Key: it happens at most once."));
            case IOException full:
                log.RequestFailed(full, context.Request.Method, context.Request.Path);
                return ProblemException.Unavailable(new Failure(
                    "disk-error", $"The server's disk refused: {full.Message}", "Free space in the server's data directory."));
            default:
                log.RequestFailed(error, context.Request.Method, context.Request.Path);
                return new ProblemException(StatusCodes.Status500InternalServerError, new Problem(
                    "internal", "The server met a bug; its log has the details.", "Report it with the server's log."));
        }
    }
}
