using System.CommandLine;
using VioActors.Daemon.Server;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Agent.Switching;

/// <summary><c>vio switchd --config FILE</c>: the data plane of one host. Its agent starts it; people do not.</summary>
internal static class SwitchdVerb
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var config = new Option<string>("--config") { Description = "File that the agent wrote", Required = true };
        var command = new Command("switchd", "Run the switch of this host (the agent starts it)") { config };
        command.SetAction(async (parsed, cancel) =>
        {
            try
            {
                await using var daemon = await SwitchDaemon.StartAsync(
                    SwitchdConfig.Load(parsed.GetValue(config)!), TimeProvider.System);
                await daemon.Completion.WaitAsync(cancel);
                return 1;
            }
            catch (OperationCanceledException)
            {
                return 0;
            }
            catch (Exception failed) when (failed is StartupException or SwitchIoException or InvalidOperationException
                or ArgumentException or IOException)
            {
                await Console.Error.WriteLineAsync(failed.Message);
                return 1;
            }
        });
        return command;
    }
}
