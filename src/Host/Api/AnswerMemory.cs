using System.Security.Cryptography;
using System.Text;
using VioActors.Daemon.Security;
using VioActors.Runtime;

namespace VioActors.Daemon.Api;

/// <summary>
/// Marks an endpoint whose answers are not remembered under idempotency keys, because they hold a secret or a
/// measurement, or because the content itself is the key.
/// </summary>
internal sealed class ForgetsAnswers
{
    /// <summary>The mark.</summary>
    public static ForgetsAnswers Mark { get; } = new();
}

/// <summary>
/// Gives a repeated request its first answer, before anything looks at how things are now: what was asked for may have
/// been done, moved or deleted since. Only successes are remembered; a refusal changed nothing and may be asked again.
/// </summary>
internal sealed class AnswerMemory(RequestDelegate next, FirstAnswers answers)
{
    private const int LongestAnswer = 1 << 20;

    /// <summary>Runs the request, or repeats its answer.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        var changes = context.Door() == Door.Api
            && (HttpMethods.IsPut(context.Request.Method) || HttpMethods.IsPost(context.Request.Method)
                || HttpMethods.IsDelete(context.Request.Method))
            && context.GetEndpoint()?.Metadata.GetMetadata<ForgetsAnswers>() is null;
        if (!changes || context.IdempotencyKey() is not { } key)
        {
            await next(context);
            return;
        }
        var (caller, request) = (context.Caller(), await HashAsync(context.Request));
        if (answers.Find(caller, key) is { } first)
        {
            if (first.Request != request)
                throw ProblemException.Of(new Refusal(
                    "idempotency-conflict", $"The idempotency key '{key}' was used for another request.",
                    "Use a fresh key for a new request."));
            (context.Response.StatusCode, context.Response.ContentType) = (first.Status, first.Type);
            if (first.Body.Length > 0)
                await context.Response.WriteAsync(first.Body, context.RequestAborted);
            return;
        }
        var (to, answer) = (context.Response.Body, new MemoryStream());
        context.Response.Body = answer;
        try
        {
            await next(context);
        }
        finally
        {
            context.Response.Body = to;
        }
        if (context.Response.StatusCode is >= 200 and < 300 && answer.Length <= LongestAnswer)
            answers.Keep(caller, key, new FirstAnswer(
                request, context.Response.StatusCode, context.Response.ContentType,
                Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length)));
        // After a 204 not even nothing may be written.
        if (answer.Length > 0)
            await to.WriteAsync(answer.GetBuffer().AsMemory(0, (int)answer.Length), context.RequestAborted);
    }

    private static async Task<string> HashAsync(HttpRequest request)
    {
        request.EnableBuffering();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n"));
        var buffer = new byte[16 * 1024];
        while (await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted) is > 0 and var count)
            hash.AppendData(buffer.AsSpan(0, count));
        request.Body.Position = 0;
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
