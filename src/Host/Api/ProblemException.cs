using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Runtime;

namespace VioActors.Daemon.Api;

/// <summary>Ends a request with a status and a <see cref="Contracts.Api.Problem"/>.</summary>
internal sealed class ProblemException(int status, Problem problem) : Exception(problem.Reason)
{
    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>The body.</summary>
    public Problem Problem { get; } = problem;

    /// <summary>Seconds after which it makes sense to come again; null when it makes none.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The input cannot be understood.</summary>
    public static ProblemException BadInput(string reason, string remedy) =>
        new(StatusCodes.Status400BadRequest, new Problem("bad-input", reason, remedy));

    /// <summary>There is no such thing, or the caller may not see it: the answer is the same.</summary>
    public static ProblemException NotFound(string reason, string remedy) =>
        new(StatusCodes.Status404NotFound, new Problem(FailureCode.NotFound, reason, remedy));

    /// <summary>The rules do not allow it now.</summary>
    public static ProblemException Conflict(string code, string reason, string remedy) =>
        new(StatusCodes.Status409Conflict, new Problem(code, reason, remedy));

    /// <summary>Something that is needed is away.</summary>
    public static ProblemException Unavailable(Failure why) =>
        new(StatusCodes.Status503ServiceUnavailable, new Problem(why.Code, why.Reason, why.Remedy));

    /// <summary>An actor refused.</summary>
    public static ProblemException Of(Refusal refusal) => new(
        StatusOf(refusal.Code),
        new Problem(refusal.Code, refusal.Reason, refusal.Remedy, refusal.Facts.IsEmpty ? null : refusal.Facts));

    /// <summary>A limit of the runtime is reached.</summary>
    public static ProblemException Of(Busy busy) => new(
        StatusCodes.Status429TooManyRequests,
        new Problem("busy", busy.Reason, "Send the same request again after the time in Retry-After."))
    {
        RetryAfter = Math.Max(1, (int)Math.Ceiling(busy.RetryAfter.TotalSeconds)),
    };

    /// <summary>The status that belongs to a refusal's code; 409 for every rule that is not listed.</summary>
    internal static int StatusOf(string code) => code switch
    {
        FailureCode.Forbidden or "token-unknown" or "token-used" or "token-expired" or "token-wrong" =>
            StatusCodes.Status403Forbidden,
        FailureCode.NotFound => StatusCodes.Status404NotFound,
        "idempotency-conflict" => StatusCodes.Status412PreconditionFailed,
        "out-of-range" => StatusCodes.Status400BadRequest,
        _ when code.StartsWith("bad-", StringComparison.Ordinal) => StatusCodes.Status400BadRequest,
        _ => StatusCodes.Status409Conflict,
    };
}
