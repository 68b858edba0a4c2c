using VioActors.Runtime;

namespace VioActors.Embedded.Sample;

/// <summary>What an actor says, as HTTP.</summary>
internal static class Answers
{
    /// <summary>200 with the reply, 409 with the reason and the remedy, or 429 with Retry-After.</summary>
    public static IResult ToHttp(this AskResult result, HttpResponse response)
    {
        if (result.Refusal is { } refusal)
            return Results.Problem(
                refusal.Remedy, statusCode: StatusCodes.Status409Conflict, title: refusal.Reason, type: refusal.Code);
        if (result.Busy is not { } busy)
            return Results.Ok(result.Reply);
        response.Headers.RetryAfter = Math.Ceiling(busy.RetryAfter.TotalSeconds).ToString("F0");
        return Results.Problem(busy.Reason, statusCode: StatusCodes.Status429TooManyRequests);
    }
}
