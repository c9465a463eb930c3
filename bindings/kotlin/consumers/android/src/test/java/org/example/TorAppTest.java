package org.example;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import android.app.Application;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;

/** With the archive that has Tor inside. The task runs it, and nothing else with that archive. */
@RunWith(RobolectricTestRunner.class)
public final class TorAppTest {
    @Test
    public void aPageIsReadByTheTorInsideAndItsStartIsToldEachTime() throws Exception {
        assumeTrue(Boolean.getBoolean("byway.tor"));
        Path folder = Files.createTempDirectory("byway-lab");
        Path roots = folder.resolve("ca.pem");
        Process lab = new ProcessBuilder(
                System.getProperty("byway.lab"), "serve", "--private-tor", "--ca-file", roots.toString())
            .redirectError(folder.resolve("log").toFile())
            .start();
        try {
            InputStreamReader said = new InputStreamReader(lab.getInputStream(), StandardCharsets.UTF_8);
            JSONObject document = new JSONObject(ReaderAppTest.document(said));
            Application app = RuntimeEnvironment.getApplication();
            String network = document.getJSONObject("tor").getString("network");
            List<TorApp.Reading> readings =
                new TorApp(app, network, Files.readString(roots)).readTwice(site(document) + "hello");
            for (TorApp.Reading reading : readings) {
                assertEquals("Hello.", reading.getPage());
                List<Integer> percents = reading.getPercents();
                // The second start is one of its own: the first one ended when the app slept.
                assertTrue(percents.toString(), !percents.isEmpty() && percents.get(0) < 100);
                assertTrue(percents.toString(), percents.get(percents.size() - 1) > percents.get(0));
            }
            assertEquals(2, readings.size());
        } finally {
            lab.getOutputStream().close();
            lab.waitFor();
        }
    }

    private static String site(JSONObject document) throws Exception {
        JSONArray hosts = document.getJSONArray("hosts");
        for (int host = 0; host < hosts.length(); host++) {
            if (!hosts.getJSONObject(host).getString("name").equals("http.example")) continue;
            JSONArray urls = hosts.getJSONObject(host).getJSONArray("urls");
            for (int url = 0; url < urls.length(); url++) {
                if (urls.getString(url).startsWith("https:")) return urls.getString(url);
            }
        }
        throw new AssertionError("the lab has no such site");
    }
}
