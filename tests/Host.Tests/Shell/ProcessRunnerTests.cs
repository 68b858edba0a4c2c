using VioActors.Daemon.Shell;

namespace VioActors.Host.Tests.Shell;

public sealed class ProcessRunnerTests
{
    private readonly ProcessRunner _runner = new(TimeProvider.System);

    [Fact]
    public async Task Arguments_reach_the_program_untouched() => Assert.Equal(
        "a b;$HOME\n", await _runner.RunAsync(new ProcessCommand("printf", "%s\n", "a b;$HOME")));

    [Fact]
    public async Task Input_is_passed_on() =>
        Assert.Equal("text", await _runner.RunAsync(new ProcessCommand("cat") { Input = "text" }));

    [Fact]
    public async Task A_failure_carries_command_code_and_error()
    {
        var failure = await Assert.ThrowsAsync<ProcessFailedException>(
            () => _runner.RunAsync(new ProcessCommand("sh", "-c", "echo why >&2; exit 3")));
        Assert.Equal(3, failure.ExitCode);
        Assert.Equal("why\n", failure.StandardError);
        Assert.Contains("ended with 3: why", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_program_is_named() => Assert.Contains(
        "'vio-no-such-program'",
        (await Assert.ThrowsAsync<ProcessFailedException>(
            () => _runner.RunAsync(new ProcessCommand("vio-no-such-program")))).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task A_program_over_its_time_is_ended()
    {
        var command = new ProcessCommand("sleep", "600") { Timeout = TimeSpan.FromMilliseconds(100) };
        var failure = await Assert.ThrowsAsync<ProcessFailedException>(() => _runner.RunAsync(command));
        Assert.Contains("did not end within", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endless_output_is_cut()
    {
        var output = await _runner.RunAsync(
            new ProcessCommand("head", "-c", $"{ProcessRunner.OutputLimit * 2}", "/dev/zero"));
        Assert.Equal(ProcessRunner.OutputLimit, output.Length);
    }
}
