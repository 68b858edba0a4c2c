namespace VioActors.Daemon.Tests.Cli;

public sealed class CompletionTests
{
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

    [Fact]
    public async Task The_bash_script_works_in_bash()
    {
        if (!File.Exists("/bin/bash")) Assert.Skip("bash is not installed");
        var script = (await CliRun.OfAsync("completion", "bash")).Out;
        using var bash = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/bash")
        {
            ArgumentList = { "-n" },
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
        })!;
        await bash.StandardInput.WriteAsync(script);
        bash.StandardInput.Close();
        var complaints = await bash.StandardError.ReadToEndAsync();
        await bash.WaitForExitAsync();

        Assert.Equal((0, ""), (bash.ExitCode, complaints));
    }
}
