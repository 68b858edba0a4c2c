using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using VioActors.Contracts;

namespace VioActors.Daemon.Tests.Cli;

/// <summary>A request that the fake server got.</summary>
internal sealed record Seen(string Method, string Path, string? Key, string? Authorization, string Body);

/// <summary>The smallest server that speaks our paths: answers by "METHOD path", on a unix socket of its own.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("vio-cli-");
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, RequestDelegate> _answers = new();

    private FakeServer()
    {
        Socket = Path.Combine(_directory.FullName, "api.sock");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Socket));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public string Socket { get; }

    public ConcurrentQueue<Seen> Requests { get; } = new();

    public static async Task<FakeServer> StartAsync()
    {
        var server = new FakeServer();
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Answers this request with a document.</summary>
    public FakeServer On(string request, object document, int status = 200) =>
        On(request, context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsJsonAsync(document, document.GetType(), Wire.Json);
        });

    /// <summary>Answers this request with these documents in turn, the last one for ever.</summary>
    public FakeServer InTurn(string request, params object[] documents)
    {
        var next = -1;
        return On(request, context =>
        {
            var document = documents[Math.Min(Interlocked.Increment(ref next), documents.Length - 1)];
            return context.Response.WriteAsJsonAsync(document, document.GetType(), Wire.Json);
        });
    }

    public FakeServer On(string request, RequestDelegate answer)
    {
        _answers[request] = answer;
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!["/api/v1/".Length..] + context.Request.QueryString;
        using var body = new StreamReader(context.Request.Body);
        Requests.Enqueue(new Seen(
            context.Request.Method, path, context.Request.Headers["Idempotency-Key"],
            context.Request.Headers.Authorization,
            await body.ReadToEndAsync()));
        if (_answers.TryGetValue($"{context.Request.Method} {path}", out var answer)) await answer(context);
        else context.Response.StatusCode = 404;
    }
}
