using System.Diagnostics;
using System.Text.Json;
using VioActors.Daemon.Demo;

namespace VioActors.Daemon.Tests.Demo;

public sealed class ControlTests
{
    [Fact]
    public void Crossed_frames_of_all_ports_are_added_up()
    {
        using var status = JsonDocument.Parse(
            """
            {"counters":{"garbage":9},"environments":[{"ports":[
              {"counters":{"framesCrossed":2,"in":5}},{"counters":{"framesCrossed":3}}]}]}
            """);

        Assert.Equal(5, Step2Isolation.Sum(status.RootElement));
    }

    [Fact]
    public void A_total_counts_once()
    {
        using var status = JsonDocument.Parse("""{"framesCrossed":5,"environments":[{"framesCrossed":5}]}""");

        Assert.Equal(5, Step2Isolation.Sum(status.RootElement));
    }

    [Fact]
    public async Task A_second_process_with_the_uuid_is_counted()
    {
        var uuid = Guid.NewGuid().ToString();
        Assert.Equal(0, ProcessTable.CountUuid(uuid));
        using var marker = Process.Start(new ProcessStartInfo("sh", ["-s", "--", "-uuid", uuid])
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
        })!;
        try
        {
            Assert.Equal(1, ProcessTable.CountUuid(uuid));
        }
        finally
        {
            marker.StandardInput.Close();
            await marker.WaitForExitAsync();
        }

        Assert.Equal(0, ProcessTable.CountUuid(uuid));
    }
}
