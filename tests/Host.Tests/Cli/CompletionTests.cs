using System.Diagnostics;
using VioActors.Contracts.Environments;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Tests.Cli;

public sealed class CompletionTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("bash", "complete -o default -F _vio vio")]
    [InlineData("zsh", "compdef _vio vio")]
    [InlineData("fish", "complete -c vio")]
    public async Task A_script_for_each_shell(string shell, string line)
    {
        var run = await CliRun.OfAsync("completion", shell);

        Assert.Equal(0, run.Code);
        Assert.Contains(line, run.Out);
        Assert.Contains("[suggest:", run.Out);
    }

    [Theory]
    [InlineData("vio ", "env")]
    [InlineData("vio env ", "apply")]
    [InlineData("vio env apply --", "--dry-run")]
    [InlineData("vio user add ann --role ", "operator")]
    public async Task The_directive_behind_the_scripts_suggests(string line, string expected)
    {
        var run = await CliRun.OfAsync($"[suggest:{line.Length}]", line);

        Assert.Equal(0, run.Code);
        Assert.Contains(expected, run.Out.Split('\n'));
    }

    [Theory]
    [InlineData("vio node show ", "astro/n1")]
    [InlineData("vio node move astro/n1 --to ", "h1")]
    [InlineData("vio node ls ", "astro")]
    [InlineData("vio env ping astro ", "n1")]
    [InlineData("vio env delete ", "astro")]
    [InlineData("vio host show ", "h1")]
    [InlineData("vio op watch ", "op-0123456789abcdef")]
    public async Task Names_are_asked_of_the_server(string line, string expected)
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET nodes", new[] { Samples.Node("n1") })
            .On("GET nodes?environment=astro", new[] { Samples.Node("n1") })
            .On("GET environments", new[] { Samples.Environment() })
            .On("GET hosts", new[] { Samples.Host("h1") })
            .On("GET operations?limit=50", new[] { Samples.Operation(OperationPhase.Running) });

        Assert.Contains(expected, (await SuggestAsync(line, server.Socket)).Out.Split('\n'));
    }

    [Theory]
    [InlineData("vio node show ")]
    [InlineData("vio op cancel ")]
    public async Task Without_a_server_nothing_is_said(string line)
    {
        var run = await SuggestAsync(line, "/nonexistent/api.sock");

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.DoesNotContain(run.Out.Split('\n'), offered => offered.Length > 0 && offered[0] is not ('-' or '/'));
    }

    [Fact]
    public async Task A_silent_server_does_not_hold_a_key_press()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET nodes", context =>
            Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));

        // Ends at all: this server never answers.
        var run = await SuggestAsync("vio node show ", server.Socket).WaitAsync(Limit, TimeProvider.System);

        Assert.Equal((0, ""), (run.Code, run.Error));
    }

    [Fact]
    public async Task The_bash_script_completes_in_bash()
    {
        if (!File.Exists("/bin/bash")) Assert.Skip("bash is not installed");
        var script = (await CliRun.OfAsync("completion", "bash")).Out;
        using var bash = Process.Start(new ProcessStartInfo("/bin/bash")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        // A program that offers what ours would, so that only the script is in question.
        await bash.StandardInput.WriteAsync(
            $$"""
            {{script}}
            vio() { [ "$1 $2" = "[suggest:16] vio node show as" ] && printf 'astro/n1\nastro/n2\nboson/n1\n'; }
            COMP_WORDS=(vio node show as) COMP_CWORD=3 COMP_LINE='vio node show as' COMP_POINT=16
            _vio && echo "${COMPREPLY[@]}"

            """);
        bash.StandardInput.Close();
        var complaints = await bash.StandardError.ReadToEndAsync();
        var offered = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();

        Assert.Equal((0, "astro/n1 astro/n2\n", ""), (bash.ExitCode, offered, complaints));
    }

    private static Task<CliRun> SuggestAsync(string line, string socket) => CliRun.OfAsync(
        CliRun.HostOf(variable: name => name == "VIO_SERVER" ? "unix:" + socket : null),
        [$"[suggest:{line.Length}]", line]);
}
