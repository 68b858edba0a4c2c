using System.CommandLine;

namespace VioActors.Daemon.Server;

/// <summary><c>vio server --config FILE</c>.</summary>
internal static class ServerCommand
{
    /// <summary>The command; its action returns the exit code.</summary>
    public static Command Create()
    {
        var config = new Option<FileInfo>("--config")
        {
            Description = "Configuration of the site; config/site.json shows every option.",
            Required = true,
        };
        var command = new Command("server", "Run the site's server: actors, API and the agents' listener.") { config };
        command.SetAction((parsed, stop) => RunAsync(parsed.GetRequiredValue(config).FullName, stop));
        return command;
    }

    private static async Task<int> RunAsync(string path, CancellationToken stop)
    {
        try
        {
            return await ServerProcess.RunAsync(ServerOptions.Load(path), stop);
        }
        catch (StartupException wrong)
        {
            await Console.Error.WriteLineAsync($"vio server: {wrong.Message}");
            return wrong.ExitCode;
        }
    }
}
