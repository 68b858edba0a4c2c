using System.Text.Json;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Tests.Cli;

public sealed class ExitCodeTests
{
    [Theory]
    [InlineData("env", "apply")]
    [InlineData("nonsense")]
    [InlineData("node")]
    [InlineData("node", "move", "no-slash")]
    [InlineData("node", "logs", "a/b", "--lines", "0")]
    [InlineData("host", "token", "h3", "--minutes", "16")]
    [InlineData("host", "fenced", "h1")]
    [InlineData("node", "resize", "astro/n1")]
    [InlineData("node", "resize", "astro/n1", "--memory", "12")]
    [InlineData("env", "ping", "astro", "n1", "--interval", "1h")]
    [InlineData("op", "watch", "../etc")]
    [InlineData("image", "add", "tiny", "--kernel", "k", "--initrd", "i", "--disk", "d")]
    [InlineData("user", "add", "ann", "--role", "king")]
    [InlineData("completion", "tcsh")]
    [InlineData("env", "ls", "--server", "ftp://x")]
    [InlineData("env", "apply", "-f", "/does/not/exist.yaml")]
    public async Task Wrong_usage_is_2(params string[] args)
    {
        var run = await CliRun.OfAsync(args);

        Assert.Equal(2, run.Code);
        Assert.NotEmpty(run.Error);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task Wrong_usage_with_json_is_a_document_too()
    {
        var run = await CliRun.OfAsync("node", "show", "no-slash", "--json");

        Assert.Equal(2, run.Code);
        using var document = JsonDocument.Parse(run.Out);
        var error = document.RootElement.GetProperty("error");
        Assert.Equal("wrong-usage", error.GetProperty("code").GetString());
        Assert.Contains("no-slash", error.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_3_and_named()
    {
        var run = await CliRun.OfAsync("env", "ls", "--server", "unix:/nonexistent/api.sock");

        Assert.Equal(3, run.Code);
        Assert.Contains("/nonexistent/api.sock", run.Error);
        Assert.Contains("VIO_SERVER", run.Error);
    }

    [Fact]
    public async Task A_refusal_is_1_with_reason_and_remedy()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET environments/ghost",
            new Problem("not-found", "There is no environment 'ghost'.", "List them: vio env ls."), 404);

        var run = await CliRun.OfAsync(server, "env", "show", "ghost");

        Assert.Equal(1, run.Code);
        Assert.Contains("There is no environment 'ghost'.", run.Error);
        Assert.Contains("vio env ls", run.Error);
    }

    [Theory]
    [InlineData(401, "VIO_TOKEN")]
    [InlineData(403, "administrator")]
    [InlineData(500, "500")]
    public async Task An_answer_without_a_problem_is_still_explained(int status, string word)
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET hosts", context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });

        var run = await CliRun.OfAsync(server, "host", "ls");

        Assert.Equal(1, run.Code);
        Assert.Contains(word, run.Error);
    }

    [Fact]
    public async Task With_json_a_failure_is_one_document_too()
    {
        var run = await CliRun.OfAsync("env", "ls", "--json", "--server", "unix:/nonexistent/api.sock");

        using var document = System.Text.Json.JsonDocument.Parse(run.Out);
        Assert.Equal("server-not-reachable", document.RootElement.GetProperty("error").GetProperty("code").GetString());
    }
}
